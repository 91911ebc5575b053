import { square, sub } from "@chain/array/kernel";
import { expectSameShape } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";

const define = elementwiseFunction("squaredError", (x0, x1) => square(sub(x0, x1)));

/**
 * Squared differences, element by element.
 *
 * Follows Chainer's `squared_error`.
 *
 * @param x0 - Any shape, floating.
 * @param x1 - Shape and dtype of `x0`.
 * @returns Shape and dtype of `x0`.
 * @throws InvalidType if shapes or dtypes differ, or dtypes are not floating.
 */
export function squaredError(x0: VariableLike, x1: VariableLike): Variable {
  expectSameShape("squaredError", "x0", asArray(x0), "x1", asArray(x1));
  return define(x0, x1);
}

/** {@link squaredError} under its other name (Chainer's `squared_difference`). */
export function squaredDifference(x1: VariableLike, x2: VariableLike): Variable {
  return squaredError(x1, x2);
}
