/** The gamma function's logarithm and its derivatives, and the zeta function. */
import { astype } from "@chain/array";
import * as k from "@chain/array/kernel";
import type { Expr } from "@chain/array/kernel";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";

/** Logarithm of |Γ(x)|. */
export const lgamma = elementwiseFunction("lgamma", (x) => k.lgamma(x));
/** Derivative of {@link lgamma}. */
export const digamma = elementwiseFunction("digamma", (x) => k.digamma(x));

const hurwitz = elementwiseFunction("zeta", (x, q) => k.hurwitzZeta(x, q), {
  gradient: ({ xs, gy }) => {
    const [x, q] = xs as [Expr, Expr];
    return [null, k.mul(gy, k.mul(k.neg(x), k.hurwitzZeta(k.add(x, 1), q)))];
  },
});

/** Hurwitz's zeta function `Σ (q + n)^-x`, for x > 1 and q > 0 (Chainer's `zeta`). Only `q` has a gradient. */
export function zeta(x: VariableLike | number, q: VariableLike): Variable {
  return hurwitz(typeof x === "number" ? x : asArray(x), q);
}

/** (-1)^(n+1) · n! · ζ(n + 1, x) for n ≥ 1. */
function derivative(n: Expr, x: Expr): Expr {
  const sign = k.where(k.eq(k.fmod(n, 2), 0), -1, 1);
  return k.mul(k.mul(sign, k.exp(k.lgamma(k.add(n, 1)))), k.hurwitzZeta(k.add(n, 1), x));
}

const polygammaOf = elementwiseFunction("polygamma", (n, x) => k.where(k.eq(n, 0), k.digamma(x), derivative(n, x)), {
  gradient: ({ xs, gy }) => {
    const [n, x] = xs as [Expr, Expr];
    return [null, k.mul(gy, derivative(k.add(n, 1), x))];
  },
});

/**
 * The `n`-th derivative of {@link digamma} (Chainer's `polygamma`); `n` holds whole numbers from 0 up. Only `x` has a
 * gradient.
 */
export function polygamma(n: VariableLike | number, x: VariableLike): Variable {
  return polygammaOf(typeof n === "number" ? n : astype(asArray(n), x.dtype, { copy: false }), x);
}
