import { add, gt, logicalAnd, lt, max, min, mul, where } from "@chain/array/kernel";
import type { Variable, VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";

const define = elementwiseFunction("hardSigmoid", (x) => max(min(add(mul(0.2, x), 0.5), 1), 0), {
  gradient: ({ y, gy }) => where(logicalAnd(gt(y, 0), lt(y, 1)), mul(0.2, gy), 0),
});

/**
 * Piecewise linear approximation of the sigmoid, `min(max(0.2 x + 0.5, 0), 1)`. At both bounds the gradient is 0.
 *
 * Follows Chainer's `hard_sigmoid`.
 *
 * @param x - Any shape, floating.
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if `x` is not floating.
 */
export function hardSigmoid(x: VariableLike): Variable {
  return define(x);
}
