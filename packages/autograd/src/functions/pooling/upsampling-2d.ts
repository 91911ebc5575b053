import type { NdArray } from "@chain/array";
import { expectInteger, expectSameShape } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { putAt } from "./max-pooling.js";
import type { UnpoolingOptions } from "./unpooling.js";
import { windowSizes, windowsUnder } from "./windows.js";

/**
 * The reverse of max pooling: every element goes to the place in its window where the maximum was, the rest are zeros.
 *
 * Follows Chainer's `upsampling_2d`.
 *
 * @param x - Shape `(batch, channels, height, width)`, floating.
 * @param indexes - Positions in flattened windows, int32 of the shape of `x`, as `maxPooling2d` gives with
 * `returnIndices`; they must be positions of elements that are not cut off.
 * @param ksize - Height and width of a window; a number where they are the same.
 * @returns Shape `(batch, channels, …outsize)`, dtype of `x`.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError for sizes that make no sense.
 */
export function upsampling2d(
  x: VariableLike,
  indexes: NdArray,
  ksize: number | readonly [number, number],
  { stride, pad = 0, outsize, coverAll = true }: UnpoolingOptions<number | readonly [number, number]> = {},
): Variable {
  const label = "upsampling2d";
  const windows = windowsUnder(label, asArray(x), windowSizes(label, 2, ksize, stride, pad), outsize, coverAll);
  expectInteger(label, "indexes", indexes);
  expectSameShape(label, "x", asArray(x), "indexes", indexes);
  return putAt(label, x, indexes, windows);
}
