import { expectEqual, expectFloating, expectNdim, expectSameDtype } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { im2col } from "../array/im2col.js";
import { reshape } from "../array/reshape.js";
import { isLeftOut } from "../left-out.js";
import { add } from "../math/basic-math.js";
import { einsum } from "../math/einsum.js";

/** Options of {@link localConvolution2d}. */
export interface LocalConvolution2dOptions {
  /** Distance between neighbouring windows, 1 by default. */
  readonly stride?: number | readonly [number, number];
}

/**
 * A convolution that has another kernel at every place.
 *
 * Follows Chainer's `local_convolution_2d`, and is differentiable twice, which that one is not.
 *
 * @param x - Shape `(batch, in channels, height, width)`, floating.
 * @param W - Shape `(out channels, out height, out width, in channels, kernel height, kernel width)`.
 * @param b - Shape `(out channels, out height, out width)`, or null.
 * @returns Shape `(batch, out channels, out height, out width)`.
 * @throws InvalidType if shapes do not fit, or dtypes differ or are not floating.
 */
export function localConvolution2d(
  x: VariableLike,
  W: VariableLike,
  b?: VariableLike | null,
  options?: LocalConvolution2dOptions,
): Variable;
export function localConvolution2d(x: VariableLike, W: VariableLike, options: LocalConvolution2dOptions): Variable;
export function localConvolution2d(
  x: VariableLike,
  W: VariableLike,
  b: VariableLike | LocalConvolution2dOptions | null = null,
  { stride = 1 }: LocalConvolution2dOptions = {},
): Variable {
  if (isLeftOut(b)) return localConvolution2d(x, W, null, b);
  const label = "localConvolution2d";
  const [images, weights] = [asArray(x), asArray(W)];
  expectFloating(label, "x", images);
  expectSameDtype(label, "x", images, "W", weights);
  expectNdim(label, "x", images, 4);
  expectNdim(label, "W", weights, 6);
  type Six = [number, number, number, number, number, number];
  const [outputs, height, width, channels, tall, wide] = weights.shape as Six;
  expectEqual(label, "x.shape[1]", images.shape[1] as number, "W.shape[3]", channels);
  const windows = im2col(x, [tall, wide], { stride });
  expectEqual(label, "W.shape[1]", height, "rows of windows in x", windows.shape[2] as number);
  expectEqual(label, "W.shape[2]", width, "columns of windows in x", windows.shape[3] as number);
  const kernels = reshape(W, [outputs, height, width, channels * tall * wide]);
  const y = einsum("nkij,oijk->noij", windows, kernels);
  if (b === null) return y;
  const bias = asArray(b);
  expectSameDtype(label, "x", images, "b", bias);
  expectNdim(label, "b", bias, 3);
  bias.shape.forEach((length, i) => {
    expectEqual(label, `b.shape[${i}]`, length, `W.shape[${i}]`, weights.shape[i] as number);
  });
  return add(y, b);
}
