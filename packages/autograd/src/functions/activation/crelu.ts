import { gt, max, neg, where } from "@chain/array/kernel";
import { expectAxis, expectFloating } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { concat } from "../array/concat.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { relu } from "./relu.js";

const negativePart = elementwiseFunction("crelu", (x) => max(neg(x), 0), {
  gradient: ({ y, gy }) => where(gt(y, 0), neg(gy), 0),
});

/** Options of {@link crelu}. */
export interface CreluOptions {
  /** The axis along which both halves are joined, 1 by default. */
  readonly axis?: number;
}

/**
 * Concatenated rectified linear unit: `max(x, 0)` and `max(-x, 0)`, joined along `axis`.
 *
 * Follows Chainer's `crelu`; Shang et al., "Understanding and Improving Convolutional Neural Networks via Concatenated
 * Rectified Linear Units", 2016.
 *
 * @param x - Any shape that has `axis`, floating.
 * @returns The shape of `x` with `axis` twice as long, its dtype.
 * @throws InvalidType if `x` is not floating or has no such axis.
 */
export function crelu(x: VariableLike, { axis = 1 }: CreluOptions = {}): Variable {
  const array = asArray(x);
  expectFloating("crelu", "x", array);
  expectAxis("crelu", "axis", axis, array.ndim);
  return concat([relu(x), negativePart(x)], { axis });
}
