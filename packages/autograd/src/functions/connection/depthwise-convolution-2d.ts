import { expectEqual, expectNdim } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { reshape } from "../array/reshape.js";
import { transpose } from "../array/transpose.js";
import { isLeftOut } from "../left-out.js";
import { convolution2d, type ConvolutionOptions } from "./convolution-nd.js";

/** Options of {@link depthwiseConvolution2d}. */
export type DepthwiseConvolution2dOptions = Pick<ConvolutionOptions<readonly [number, number]>, "stride" | "pad">;

/**
 * Convolution of every channel by itself, with as many kernels each.
 *
 * Follows Chainer's `depthwise_convolution_2d`; Chollet, "Xception: Deep Learning with Depthwise Separable
 * Convolutions", 2017.
 *
 * @param x - Shape `(batch, channels, height, width)`, floating.
 * @param W - Shape `(multiplier, channels, kernel height, kernel width)`.
 * @param b - Shape `(channels · multiplier,)`, or null.
 * @returns Shape `(batch, channels · multiplier, …)`: all results of the first channel, then those of the second …
 * @throws InvalidType as {@link convolution2d}.
 */
export function depthwiseConvolution2d(
  x: VariableLike,
  W: VariableLike,
  b?: VariableLike | null,
  options?: DepthwiseConvolution2dOptions,
): Variable;
export function depthwiseConvolution2d(
  x: VariableLike,
  W: VariableLike,
  options: DepthwiseConvolution2dOptions,
): Variable;
export function depthwiseConvolution2d(
  x: VariableLike,
  W: VariableLike,
  b: VariableLike | DepthwiseConvolution2dOptions | null = null,
  options: DepthwiseConvolution2dOptions = {},
): Variable {
  if (isLeftOut(b)) return depthwiseConvolution2d(x, W, null, b);
  const label = "depthwiseConvolution2d";
  expectNdim(label, "x", asArray(x), 4);
  expectNdim(label, "W", asArray(W), 4);
  const [multiplier, channels, ...kernel] = W.shape as [number, number, number, number];
  expectEqual(label, "x.shape[1]", x.shape[1] as number, "W.shape[1]", channels);
  const filters = reshape(transpose(W, [1, 0, 2, 3]), [channels * multiplier, 1, ...kernel]);
  return convolution2d(x, filters, b, { ...options, groups: channels });
}
