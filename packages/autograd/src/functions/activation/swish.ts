import { mul, sigmoid } from "@chain/array/kernel";
import type { Variable, VariableLike } from "../../variable.js";
import { alongSecondAxis } from "./along-second-axis.js";
import { elementwiseFunction } from "../elementwise-function.js";

const define = elementwiseFunction("swish", (x, beta) => mul(x, sigmoid(mul(beta, x))));

/**
 * Swish, `x · sigmoid(beta · x)`, where `beta` is learned.
 *
 * Follows Chainer's `swish`; Ramachandran et al., "Searching for Activation Functions", 2017.
 *
 * @param x - Shape `(batch, …)`, floating.
 * @param beta - Its shape is that of the first axes of `x` after the batch axis (or 0-d).
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if dtypes differ or are not floating, or `beta` does not fit.
 */
export function swish(x: VariableLike, beta: VariableLike): Variable {
  return define(x, alongSecondAxis("swish", x, "beta", beta));
}
