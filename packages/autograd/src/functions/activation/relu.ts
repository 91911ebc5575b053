import { gt, max, where } from "@chain/array/kernel";
import type { Variable, VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";

const define = elementwiseFunction("relu", (x) => max(x, 0), {
  gradient: ({ y, gy }) => where(gt(y, 0), gy, 0),
});

/**
 * Rectified linear unit, `max(x, 0)`, element by element. The gradient at 0 is 0.
 *
 * Follows Chainer's `relu`.
 *
 * @param x - Any shape, floating.
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if `x` is not floating.
 */
export function relu(x: VariableLike): Variable {
  return define(x);
}
