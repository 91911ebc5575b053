import { mul, sub, tanh as hyperbolicTangent } from "@chain/array/kernel";
import type { Variable, VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";

const define = elementwiseFunction("tanh", (x) => hyperbolicTangent(x), {
  gradient: ({ y, gy }) => mul(gy, sub(1, mul(y, y))),
});

/**
 * Hyperbolic tangent, element by element.
 *
 * Follows Chainer's `tanh`.
 *
 * @param x - Any shape, floating.
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if `x` is not floating.
 */
export function tanh(x: VariableLike): Variable {
  return define(x);
}
