import { mul, sigmoid as logistic, sub } from "@chain/array/kernel";
import type { Variable, VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";

const define = elementwiseFunction("sigmoid", (x) => logistic(x), {
  gradient: ({ y, gy }) => mul(gy, mul(y, sub(1, y))),
});

/**
 * Logistic sigmoid, `1 / (1 + e^-x)`, element by element.
 *
 * Follows Chainer's `sigmoid`.
 *
 * @param x - Any shape, floating.
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if `x` is not floating.
 */
export function sigmoid(x: VariableLike): Variable {
  return define(x);
}
