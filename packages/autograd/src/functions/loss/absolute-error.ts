import { abs, sub } from "@chain/array/kernel";
import { expectSameShape } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";

const define = elementwiseFunction("absoluteError", (x0, x1) => abs(sub(x0, x1)));

/**
 * Absolute differences, element by element. The gradient of equal elements is 0.
 *
 * Follows Chainer's `absolute_error`.
 *
 * @param x0 - Any shape, floating.
 * @param x1 - Shape and dtype of `x0`.
 * @returns Shape and dtype of `x0`.
 * @throws InvalidType if shapes or dtypes differ, or dtypes are not floating.
 */
export function absoluteError(x0: VariableLike, x1: VariableLike): Variable {
  expectSameShape("absoluteError", "x0", asArray(x0), "x1", asArray(x1));
  return define(x0, x1);
}
