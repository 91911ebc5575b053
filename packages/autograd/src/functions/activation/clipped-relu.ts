import { gt, logicalAnd, lt, max, min, where } from "@chain/array/kernel";
import type { Variable, VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";

const define = elementwiseFunction("clippedRelu", (x, z) => min(max(x, 0), z), {
  gradient: ({ xs: [, z = 0], y, gy }) => where(logicalAnd(gt(y, 0), lt(y, z)), gy, 0),
});

const define6 = elementwiseFunction("relu6", (x) => min(max(x, 0), 6), {
  gradient: ({ y, gy }) => where(logicalAnd(gt(y, 0), lt(y, 6)), gy, 0),
});

/** Options of {@link clippedRelu}. */
export interface ClippedReluOptions {
  /** Upper bound, 20 by default. */
  readonly z?: number;
}

/**
 * Rectified linear unit with an upper bound, `min(max(x, 0), z)`. At both bounds the gradient is 0.
 *
 * Follows Chainer's `clipped_relu`.
 *
 * @param x - Any shape, floating.
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if `x` is not floating.
 */
export function clippedRelu(x: VariableLike, { z = 20 }: ClippedReluOptions = {}): Variable {
  return define(x, z);
}

/**
 * {@link clippedRelu} with the bound 6.
 *
 * Follows Chainer's `relu6`; Krizhevsky, "Convolutional Deep Belief Networks on CIFAR-10", 2010.
 *
 * @param x - Any shape, floating.
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if `x` is not floating.
 */
export function relu6(x: VariableLike): Variable {
  return define6(x);
}
