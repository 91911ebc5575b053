import { add, div, gt, sqrt, where } from "@chain/array/kernel";
import { expectAxes, expectFloating } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { square } from "../math/basic-math.js";
import { sum } from "../math/sum.js";

/** x divided by the root of a sum of squares and eps; at 0 the root counts as constant. */
const divided = elementwiseFunction("normalize", (x, squares, eps) => {
  const root = where(gt(squares, 0), sqrt(where(gt(squares, 0), squares, 1)), 0);
  return div(x, add(root, eps));
});

/** Options of {@link normalize}. */
export interface NormalizeOptions {
  /** Added to the norm, 1e-5 by default. */
  readonly eps?: number;
  /** The axis, or axes, along which vectors lie; 1 by default. */
  readonly axis?: number | readonly number[];
}

/**
 * Divides vectors by their L2 norm and `eps`: `x / (|x| + eps)`. The gradient at 0 is `gy / eps`.
 *
 * Follows Chainer's `normalize`.
 *
 * @param x - Any shape that has the axes, floating.
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if `x` is not floating or has no such axis.
 */
export function normalize(x: VariableLike, { eps = 1e-5, axis = 1 }: NormalizeOptions = {}): Variable {
  const array = asArray(x);
  expectFloating("normalize", "x", array);
  const axes = expectAxes("normalize", axis, array.ndim);
  return divided(x, sum(square(x), { axis: axes, keepdims: true }), eps);
}
