import { ge, mul, where } from "@chain/array/kernel";
import type { Variable, VariableLike } from "../../variable.js";
import { alongSecondAxis } from "./along-second-axis.js";
import { elementwiseFunction } from "../elementwise-function.js";

const define = elementwiseFunction("prelu", (x, W) => where(ge(x, 0), x, mul(W, x)));

/**
 * Parametric rectified linear unit: `x` for x ≥ 0 and `W · x` below, where `W` is learned.
 *
 * Follows Chainer's `prelu`; He et al., "Delving Deep into Rectifiers", 2015.
 *
 * @param x - Shape `(batch, …)`, floating.
 * @param W - The slopes: its shape is that of the first axes of `x` after the batch axis (one a channel, say; or 0-d).
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if dtypes differ or are not floating, or `W` does not fit.
 */
export function prelu(x: VariableLike, W: VariableLike): Variable {
  return define(x, alongSecondAxis("prelu", x, "W", W));
}
