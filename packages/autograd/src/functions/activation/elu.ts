import { add, exp, expm1, gt, mul, where } from "@chain/array/kernel";
import type { Variable, VariableLike } from "../../variable.js";
import { elementwiseFunction, type FunctionOperand } from "../elementwise-function.js";

/** `scale · x` for x > 0 and `scale · alpha · (e^x - 1)` elsewhere. */
type ScaledElu = (x: FunctionOperand, alpha: number, scale: number) => Variable;

/** Defines the function under a name, for {@link elu} and `selu`. */
export function scaledElu(name: string): ScaledElu {
  // With a positive slope on both sides the sign of the result is that of x, so that x need not be kept.
  const ofOutput = elementwiseFunction(
    name,
    (x, alpha, scale) => mul(scale, where(gt(x, 0), x, mul(alpha, expm1(x)))),
    {
      gradient: ({ xs: [, alpha = 0, scale = 0], y, gy }) => mul(gy, where(gt(y, 0), scale, add(y, mul(scale, alpha)))),
    },
  );
  const ofInput = elementwiseFunction(name, (x, alpha, scale) => mul(scale, where(gt(x, 0), x, mul(alpha, expm1(x)))), {
    gradient: ({ x, xs: [, alpha = 0, scale = 0], gy }) => mul(gy, mul(scale, where(gt(x, 0), 1, mul(alpha, exp(x))))),
  });
  return (x, alpha, scale) => (alpha >= 0 && scale > 0 ? ofOutput : ofInput)(x, alpha, scale);
}

const define = scaledElu("elu");

/** Options of {@link elu}. */
export interface EluOptions {
  /** The negative of the limit for x → -∞, 1 by default. */
  readonly alpha?: number;
}

/**
 * Exponential linear unit: `x` for x > 0 and `alpha · (e^x - 1)` elsewhere.
 *
 * Follows Chainer's `elu`; Clevert et al., "Fast and Accurate Deep Network Learning by Exponential Linear Units", 2015.
 *
 * @param x - Any shape, floating.
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if `x` is not floating.
 */
export function elu(x: VariableLike, { alpha = 1 }: EluOptions = {}): Variable {
  return define(x, alpha, 1);
}
