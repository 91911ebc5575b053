import { add, mul, sub, tanh, type Expr, type ExprLike } from "@chain/array/kernel";

/** The sigmoid, in a form whose derivatives are finite everywhere: `tanh(x / 2) / 2 + 1 / 2`, as Chainer's. */
export function gate(x: ExprLike): Expr {
  return add(mul(0.5, tanh(mul(0.5, x))), 0.5);
}

/** `p x + (1 - p) y`. */
export function interpolate(p: Expr, x: Expr, y: Expr): Expr {
  return add(mul(p, x), mul(sub(1, p), y));
}
