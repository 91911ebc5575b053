import type { NdArray } from "../../ndarray.js";
import type { ConvolutionEpilogue, ConvolutionGeometry, Routines } from "../../routines.js";
import { sizeOf, type Shape } from "../../shape.js";
import type { PooledBuffer } from "./buffer-pool.js";
import type { AdapterKind } from "./adapter.js";
import type { ProductSize } from "./product-method.js";
import type { Products } from "./products.js";
import { convolutionProduct, type ConvolutionPass, type ConvolutionVariant } from "./wgsl/convolution.js";
import type { Reading } from "./wgsl/slice.js";

/** Spatial axes for which there are shaders; more are left to the composition. */
const mostAxes = 3;

/** Convolutions as products of matrices that are never made: elements are looked up as they are needed. */
export class GpuConvolution {
  constructor(
    private readonly products: Products,
    private readonly kind: AdapterKind,
  ) {}

  /** See `Routines.convolution`. */
  readonly forward: Routines["convolution"] = (x, w, out, geometry, epilogue) => {
    if (!suits(x)) return false;
    const [, inner, ...kernel] = w.shape as [number, number, ...number[]];
    const sizes = sizesOf(x.shape, out.shape, geometry);
    const size = {
      m: (out.shape[1] as number) / geometry.groups,
      n: sizes.batch * sizes.outSize,
      depth: inner * sizeOf(kernel),
      batches: geometry.groups,
    };
    const parameters = { ...sizes, inner, biasOffset: epilogue.bias?.offset ?? 0 };
    this.run(variantOf("forward", kernel, geometry, epilogue), size, [out, w, x], parameters, epilogue.bias);
    return true;
  };

  /** See `Routines.convolutionGradInput`. */
  readonly gradInput: Routines["convolutionGradInput"] = (gy, w, gx, geometry) => {
    // Where windows are apart, every element takes divisions, which a program that plays a GPU does one by one.
    if (!suits(gx) || (this.kind === "software" && geometry.stride.some((step) => step > 1))) return false;
    const [, inner, ...kernel] = w.shape as [number, number, ...number[]];
    const sizes = sizesOf(gx.shape, gy.shape, geometry);
    const outputs = (gy.shape[1] as number) / geometry.groups;
    const size = {
      m: inner,
      n: sizes.batch * sizes.inSize,
      depth: outputs * sizeOf(kernel),
      batches: geometry.groups,
    };
    this.run(variantOf("gradInput", kernel, geometry), size, [gx, w, gy], { ...sizes, outputs });
    return true;
  };

  /** See `Routines.convolutionGradWeight`. */
  readonly gradWeight: Routines["convolutionGradWeight"] = (x, gy, gw, geometry) => {
    if (!suits(x)) return false;
    const [outputs, inner, ...kernel] = gw.shape as [number, number, ...number[]];
    const { groups } = geometry;
    const sizes = sizesOf(x.shape, gy.shape, geometry);
    const size = {
      m: outputs / groups,
      n: inner * sizeOf(kernel),
      depth: sizes.batch * sizes.outSize,
      batches: groups,
    };
    this.run(variantOf("gradWeight", kernel, geometry), size, [gw, gy, x], { ...sizes, inner });
    return true;
  };

  private run(
    variant: ConvolutionVariant,
    size: ProductSize,
    [out, a, b]: readonly [NdArray, NdArray, NdArray],
    parameters: Readonly<Record<string, number>>,
    bias: NdArray | null = null,
  ): void {
    this.products.run({
      name: `convolution ${JSON.stringify(variant)}`,
      source: () => convolutionProduct(variant),
      dtype: out.dtype,
      size,
      parameters: { ...parameters, outOffset: out.offset, aOffset: a.offset, bOffset: b.offset },
      out: bufferOf(out),
      operands: [bufferOf(a), bufferOf(b)],
      bias: bias === null ? null : bufferOf(bias),
      ...readings[variant.pass],
      lookup: true,
    });
  }
}

const alongDepth: Reading = { along: "depth", fours: false };
const alongSide: Reading = { along: "side", fours: false };

/** Neighbours in memory: terms of weights, positions of images; of the sums over positions, positions. */
const readings = {
  forward: { a: alongDepth, b: alongSide },
  gradInput: { a: alongSide, b: alongSide },
  gradWeight: { a: alongDepth, b: alongDepth },
} as const;

function suits({ dtype, ndim }: NdArray): boolean {
  return (dtype === "float32" || dtype === "float16") && ndim - 2 <= mostAxes;
}

function variantOf(
  pass: ConvolutionPass,
  kernel: Shape,
  { stride, dilate }: ConvolutionGeometry,
  { bias, activation }: ConvolutionEpilogue = { bias: null, activation: "none" },
): ConvolutionVariant {
  return { pass, kernel, stride, dilate, bias: bias !== null, activation };
}

/** Lengths of images and outputs, and how far it is from one to the next. */
function sizesOf(input: Shape, output: Shape, { pad }: ConvolutionGeometry): Record<string, number> & Counts {
  const [inLengths, outLengths] = [input.slice(2), output.slice(2)];
  const [inSize, outSize] = [sizeOf(inLengths), sizeOf(outLengths)];
  const axes = inLengths.map((length, i) => [
    [`in${i}`, length],
    [`out${i}`, outLengths[i]],
    [`pad${i}`, pad[i]],
  ]);
  return {
    ...(Object.fromEntries(axes.flat()) as Record<string, number>),
    batch: input[0] as number,
    inSize,
    outSize,
    inImage: (input[1] as number) * inSize,
    outImage: (output[1] as number) * outSize,
  };
}

interface Counts {
  readonly batch: number;
  readonly inSize: number;
  readonly outSize: number;
}

function bufferOf({ storage }: NdArray): PooledBuffer {
  return storage.buffer as PooledBuffer;
}
