import type { NdArray } from "../../ndarray.js";
import type { ConvolutionEpilogue, ConvolutionGeometry, Routines } from "../../routines.js";
import { sizeOf, type Shape } from "../../shape.js";
import type { PooledBuffer } from "./buffer-pool.js";
import { HandWritten } from "./hand-written.js";
import type { GpuContext } from "./launcher.js";
import { lookupTable } from "./matmul-table.js";
import { methodFor, workgroupsOf, type ProductSize } from "./product-method.js";
import { convolutionShader, type ConvolutionPass, type ConvolutionVariant } from "./wgsl/convolution.js";
import type { Shader } from "./wgsl/elementwise.js";
import type { ProductMethod } from "./wgsl/product-shader.js";
import { workgroupSize } from "./wgsl/shader.js";
import { sumPartsShader } from "./wgsl/sum-parts.js";

/** Spatial axes for which there are shaders; more are left to the composition. */
const mostAxes = 3;
/** Workgroups that keep a GPU busy. */
const busyWorkgroups = 256;
/** Terms of a sum that are worth a part of their own. */
const shortestPart = 256;

/** Convolutions as products of matrices that are never made: elements are looked up as they are needed. */
export class GpuConvolution {
  private readonly shaders: HandWritten;

  constructor(private readonly context: GpuContext) {
    this.shaders = new HandWritten(context);
  }

  /** See `Routines.convolution`. */
  readonly forward: Routines["convolution"] = (x, w, out, geometry, epilogue) => {
    if (!suits(x)) return false;
    const [, inner, ...kernel] = w.shape as [number, number, ...number[]];
    const sizes = sizesOf(x.shape, out.shape, geometry);
    const product = {
      m: (out.shape[1] as number) / geometry.groups,
      n: sizes.batch * sizes.outSize,
      depth: inner * sizeOf(kernel),
      batches: geometry.groups,
    };
    const variant = variantOf("forward", kernel, geometry, epilogue);
    const { bias } = epilogue;
    const buffers = [out, w, x, ...(bias === null ? [] : [bias])].map(bufferOf);
    const parameters = { ...sizes, inner, ...offsetsOf(out, w, x), biasOffset: bias?.offset ?? 0 };
    this.run(variant, product, buffers, parameters);
    return true;
  };

  /** See `Routines.convolutionGradInput`. */
  readonly gradInput: Routines["convolutionGradInput"] = (gy, w, gx, geometry) => {
    // Where windows are apart, every element takes divisions, which a program that plays a GPU does one by one.
    if (!suits(gx) || (this.context.software && geometry.stride.some((step) => step > 1))) return false;
    const [, inner, ...kernel] = w.shape as [number, number, ...number[]];
    const sizes = sizesOf(gx.shape, gy.shape, geometry);
    const outputs = (gy.shape[1] as number) / geometry.groups;
    const product = {
      m: inner,
      n: sizes.batch * sizes.inSize,
      depth: outputs * sizeOf(kernel),
      batches: geometry.groups,
    };
    const parameters = { ...sizes, outputs, ...offsetsOf(gx, w, gy) };
    this.run(variantOf("gradInput", kernel, geometry), product, [gx, w, gy].map(bufferOf), parameters);
    return true;
  };

  /** See `Routines.convolutionGradWeight`. */
  readonly gradWeight: Routines["convolutionGradWeight"] = (x, gy, gw, geometry) => {
    if (!suits(x)) return false;
    const [outputs, inner, ...kernel] = gw.shape as [number, number, ...number[]];
    const { groups } = geometry;
    const sizes = sizesOf(x.shape, gy.shape, geometry);
    const [m, n, terms] = [outputs / groups, inner * sizeOf(kernel), sizes.batch * sizes.outSize];
    // A result of few elements keeps a GPU busy only if sums are shared out too.
    const workgroups = workgroupsOf(this.methodOf("gradWeight", { m, n, batches: groups }), { m, n, batches: groups });
    const wanted = this.context.software ? 1 : Math.ceil(busyWorkgroups / workgroups);
    const parts = Math.max(1, Math.min(wanted, Math.floor(terms / shortestPart)));
    const product = { m, n, depth: Math.ceil(terms / parts), batches: groups * parts };
    const variant = variantOf("gradWeight", kernel, geometry);
    const parameters = { ...sizes, inner, groups, terms, ...offsetsOf(gw, gy, x) };
    const [out, a, b] = [gw, gy, x].map(bufferOf) as [PooledBuffer, PooledBuffer, PooledBuffer];
    if (parts === 1) {
      this.run(variant, product, [out, a, b], parameters);
      return true;
    }
    const partial = this.context.pool.take(parts * gw.size * 4);
    this.run(variant, product, [partial, a, b], { ...parameters, outOffset: 0 });
    const summing = { size: gw.size, parts, outOffset: gw.offset };
    const groupsOfSum = Math.ceil(gw.size / workgroupSize);
    this.shaders.runOn("sum of parts", sumPartsShader, [out, partial], summing, groupsOfSum);
    this.context.pool.give(partial);
    return true;
  };

  private run(
    chosen: Omit<ConvolutionVariant, "method">,
    product: ProductSize & { readonly depth: number },
    buffers: readonly PooledBuffer[],
    parameters: Readonly<Record<string, number>>,
  ): void {
    const method = this.methodOf(chosen.pass, product);
    const variant = { ...chosen, method };
    const key = `convolution ${JSON.stringify(variant)}`;
    const make = (): Shader => convolutionShader(variant);
    this.shaders.runOn(key, make, buffers, { ...parameters, ...product }, workgroupsOf(method, product));
  }

  private methodOf(pass: ConvolutionPass, product: ProductSize): ProductMethod {
    return methodFor(this.context, product, orders[pass], lookupTable);
  }
}

/** Neighbours in memory: terms of weights, positions of images; of the sums over positions, positions. */
const orders = {
  forward: { aAlongDepth: true, bAlongDepth: false },
  gradInput: { aAlongDepth: false, bAlongDepth: false },
  gradWeight: { aAlongDepth: true, bAlongDepth: true },
} as const;

function suits({ dtype, ndim }: NdArray): boolean {
  return dtype === "float32" && ndim - 2 <= mostAxes;
}

function variantOf(
  pass: ConvolutionPass,
  kernel: Shape,
  { stride, dilate }: ConvolutionGeometry,
  { bias, activation }: ConvolutionEpilogue = { bias: null, activation: "none" },
): Omit<ConvolutionVariant, "method"> {
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

function offsetsOf(out: NdArray, a: NdArray, b: NdArray): Record<string, number> {
  return { outOffset: out.offset, aOffset: a.offset, bOffset: b.offset };
}

function bufferOf({ storage }: NdArray): PooledBuffer {
  return storage.buffer as PooledBuffer;
}
