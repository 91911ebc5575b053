/** Functions of the kernel language that are sums of a fixed number of terms. */
import type { Expr, ExprLike } from "./expr.js";
import { add, div, lt, mul, pow, sin, square, sub, where } from "./ops.js";

/** Bernoulli numbers B(2), B(4), …. */
const bernoulli = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510];

/** How far the argument is moved up before the asymptotic series is used. */
const shift = 10;

/** Second derivative of the logarithm of Γ: ψ'(x). */
export function trigamma(x: ExprLike): Expr {
  // For x < 1/2: ψ'(x) + ψ'(1 - x) = π² / sin²(πx).
  const reflected = lt(x, 0.5);
  const up = where(reflected, sub(1, x), x);
  let sum: Expr = div(1, square(up));
  for (let k = 1; k < shift; k++) sum = add(sum, div(1, square(add(up, k))));
  const z = add(up, shift);
  const inverseSquare = div(1, square(z));
  let series: Expr = mul(inverseSquare, bernoulli.at(-1) as number);
  for (let k = bernoulli.length - 2; k >= 0; k--) series = mul(add(series, bernoulli[k] as number), inverseSquare);
  // 1/z + 1/(2z²) + Σ B(2k) / z^(2k+1)
  sum = add(sum, add(div(add(1, series), z), mul(0.5, inverseSquare)));
  return where(reflected, sub(div(Math.PI ** 2, square(sin(mul(Math.PI, x)))), sum), sum);
}

/** Hurwitz's zeta function Σ (q + k)^-s over k ≥ 0, for s > 1 and q > 0, by Euler and Maclaurin's formula. */
export function hurwitzZeta(s: ExprLike, q: ExprLike): Expr {
  const exponent = sub(0, s);
  let sum: Expr = pow(q, exponent);
  for (let k = 1; k < shift; k++) sum = add(sum, pow(add(q, k), exponent));
  const z = add(q, shift);
  const power = pow(z, exponent);
  sum = add(sum, add(div(mul(power, z), sub(s, 1)), mul(0.5, power)));
  // Σ B(2k)/(2k)! · s(s+1)…(s+2k-2) · z^(-s-2k+1)
  let factor: Expr = div(mul(power, s), z);
  let factorial = 1;
  bernoulli.forEach((b, i) => {
    const k = i + 1;
    factorial *= (2 * k - 1) * (2 * k);
    sum = add(sum, mul(factor, b / factorial));
    factor = div(mul(factor, mul(add(s, 2 * k - 1), add(s, 2 * k))), square(z));
  });
  return sum;
}
