import { ge, mul, where, type Expr } from "@chain/array/kernel";
import type { Variable, VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";

const body = (x: Expr, slope: Expr): Expr => where(ge(x, 0), x, mul(slope, x));

const define = elementwiseFunction("leakyRelu", body);

// With a positive slope the sign of the result is that of x, so that x need not be kept.
const defineOfOutput = elementwiseFunction("leakyRelu", body, {
  gradient: ({ xs: [, slope = 0], y, gy }) => where(ge(y, 0), gy, mul(slope, gy)),
});

/** Options of {@link leakyRelu}. */
export interface LeakyReluOptions {
  /** Slope for x < 0, 0.2 by default. */
  readonly slope?: number;
}

/**
 * Leaky rectified linear unit: `x` for x ≥ 0 and `slope · x` below. The gradient at 0 is 1.
 *
 * Follows Chainer's `leaky_relu`; Maas et al., "Rectifier Nonlinearities Improve Neural Network Acoustic Models", 2013.
 *
 * @param x - Any shape, floating.
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if `x` is not floating.
 */
export function leakyRelu(x: VariableLike, { slope = 0.2 }: LeakyReluOptions = {}): Variable {
  return slope > 0 ? defineOfOutput(x, slope) : define(x, slope);
}
