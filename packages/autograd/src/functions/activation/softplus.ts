import { abs, add, div, exp, log1p, max, mul, neg, sigmoid, type Expr, type ExprLike } from "@chain/array/kernel";
import type { Variable, VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";

/** `log(1 + e^x)` without overflow, as an expression of the kernel language. */
export function softplusExpr(x: ExprLike): Expr {
  return add(max(x, 0), log1p(exp(neg(abs(x)))));
}

const define = elementwiseFunction("softplus", (x, beta) => div(softplusExpr(mul(beta, x)), beta), {
  gradient: ({ x, xs: [, beta = 1], gy }) => mul(gy, sigmoid(mul(beta, x))),
});

/** Options of {@link softplus}. */
export interface SoftplusOptions {
  /** How sharply the function bends around 0, 1 by default. */
  readonly beta?: number;
}

/**
 * Smooth approximation of ReLU, `log(1 + e^(beta · x)) / beta`, element by element.
 *
 * Follows Chainer's `softplus`.
 *
 * @param x - Any shape, floating.
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if `x` is not floating.
 */
export function softplus(x: VariableLike, { beta = 1 }: SoftplusOptions = {}): Variable {
  return define(x, beta);
}
