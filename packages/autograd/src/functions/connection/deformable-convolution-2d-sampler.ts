import { array, slice, type NdArray } from "@chain/array";
import { add as addExpr, div, mul, sub } from "@chain/array/kernel";
import { expectEqual, expectFloating, expectNdim, expectSameDtype } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { getItem } from "../array/get-item.js";
import { pad as padImage } from "../array/pad.js";
import { reshape } from "../array/reshape.js";
import { spatialTransformerSampler } from "../array/spatial-transformer-sampler.js";
import { stack } from "../array/stack.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { isLeftOut } from "../left-out.js";
import { add } from "../math/basic-math.js";
import { einsum } from "../math/einsum.js";
import type { ConvolutionOptions } from "./convolution-nd.js";

type Pair = readonly [number, number];

/** Options of {@link deformableConvolution2dSampler}. */
export type DeformableConvolution2dSamplerOptions = Pick<ConvolutionOptions<Pair>, "stride" | "pad">;

/** A position among pixels `0 … last` as the sampler wants it, from -1 to 1. */
const toGrid = elementwiseFunction("deformableConvolution2dSampler-grid", (offset, place, last) =>
  mul(sub(div(addExpr(offset, place), last), 0.5), 2),
);

/**
 * Convolution whose windows are bent: every element of a window is read where an offset moves it to, between pixels
 * linearly.
 *
 * Follows Chainer's `deformable_convolution_2d_sampler`; Dai et al., "Deformable Convolutional Networks", 2017.
 *
 * @param x - Shape `(batch, in channels, height, width)`, floating.
 * @param offset - Shape `(batch, 2 · kernel height · kernel width, out height, out width)`: by how many pixels each
 * element of each window is moved along x, then all along y.
 * @param W - Shape `(out channels, in channels, kernel height, kernel width)`.
 * @param b - Shape `(out channels,)`, or null.
 * @returns Shape `(batch, out channels, out height, out width)`.
 * @throws InvalidType if shapes do not fit, or dtypes differ or are not floating.
 */
export function deformableConvolution2dSampler(
  x: VariableLike,
  offset: VariableLike,
  W: VariableLike,
  b?: VariableLike | null,
  options?: DeformableConvolution2dSamplerOptions,
): Variable;
export function deformableConvolution2dSampler(
  x: VariableLike,
  offset: VariableLike,
  W: VariableLike,
  options: DeformableConvolution2dSamplerOptions,
): Variable;
export function deformableConvolution2dSampler(
  x: VariableLike,
  offset: VariableLike,
  W: VariableLike,
  b: VariableLike | DeformableConvolution2dSamplerOptions | null = null,
  { stride = 1, pad = 0 }: DeformableConvolution2dSamplerOptions = {},
): Variable {
  if (isLeftOut(b)) return deformableConvolution2dSampler(x, offset, W, null, b);
  const label = "deformableConvolution2dSampler";
  const [images, moves, weights] = [asArray(x), asArray(offset), asArray(W)];
  expectFloating(label, "x", images);
  for (const [name, operand] of [
    ["offset", moves],
    ["W", weights],
  ] as const) {
    expectSameDtype(label, "x", images, name, operand);
    expectNdim(label, name, operand, 4);
  }
  expectNdim(label, "x", images, 4);
  type Four = readonly [number, number, number, number];
  const [batch, channels] = images.shape as unknown as Four;
  const [outputs, inner, tall, wide] = weights.shape as unknown as Four;
  const [samples, coordinates, height, width] = moves.shape as unknown as Four;
  expectEqual(label, "x.shape[1]", channels, "W.shape[1]", inner);
  expectEqual(label, "offset.shape[0]", samples, "x.shape[0]", batch);
  expectEqual(label, "offset.shape[1]", coordinates, "2 * W.shape[2] * W.shape[3]", 2 * tall * wide);

  const [vertical, horizontal] = [0, 1].map((axis) => ({
    stride: typeof stride === "number" ? stride : (stride[axis] as number),
    pad: typeof pad === "number" ? pad : (pad[axis] as number),
  })) as [{ stride: number; pad: number }, { stride: number; pad: number }];
  const padded = padImage(x, [[0], [0], [vertical.pad], [horizontal.pad]], "constant");
  const [paddedHeight, paddedWidth] = padded.shape.slice(2) as [number, number];
  const elements = tall * wide;
  const split = reshape(offset, [batch, 2, elements, height, width]);
  const numbers = (values: number[], shape: number[]): NdArray =>
    array(Float64Array.from(values), { dtype: images.dtype, device: images.device }).reshape(shape);
  const across = placesOf(elements, width, (k, p) => (k % wide) + p * horizontal.stride);
  const down = placesOf(elements, height, (k, p) => Math.floor(k / wide) + p * vertical.stride);
  const u = toGrid(getItem(split, [slice(), 0]), numbers(across, [elements, 1, width]), paddedWidth - 1);
  const v = toGrid(getItem(split, [slice(), 1]), numbers(down, [elements, height, 1]), paddedHeight - 1);
  const grid = reshape(stack([u, v], { axis: 1 }), [batch, 2, elements, height * width]);
  const sampled = spatialTransformerSampler(padded, grid);
  const kernels = reshape(W, [outputs, channels, elements]);
  const y = reshape(einsum("nckp,ock->nop", sampled, kernels), [batch, outputs, height, width]);
  if (b === null) return y;
  const bias = asArray(b);
  expectSameDtype(label, "x", images, "b", bias);
  expectNdim(label, "b", bias, 1);
  expectEqual(label, "b.shape[0]", bias.size, "W.shape[0]", outputs);
  return add(y, reshape(b, [outputs, 1, 1]));
}

/** Where each element of a window, of each of `count` windows, lies along an axis if nothing moves it. */
function placesOf(elements: number, count: number, place: (element: number, window: number) => number): number[] {
  return Array.from({ length: elements * count }, (_, i) => place(Math.floor(i / count), i % count));
}
