/** The error function and its relatives: the normal distribution's. */
import * as k from "@chain/array/kernel";
import type { Expr } from "@chain/array/kernel";
import { elementwiseFunction } from "../elementwise-function.js";

/** Error function. */
export const erf = elementwiseFunction("erf", (x) => k.erf(x));
/** 1 - erf(x), exact where that is small. */
export const erfc = elementwiseFunction("erfc", (x) => k.erfc(x));
/** Inverse of {@link erf}: infinite at ±1, NaN outside. */
export const erfinv = elementwiseFunction("erfinv", (x) => k.erfinv(x));

/** e^(x²) · erfc(x). */
function scaledErfc(x: Expr): Expr {
  // Laplace's continued fraction where the product would lose digits and at last overflow.
  const far = k.max(x, 4);
  let fraction: Expr = far;
  for (let n = 14; n >= 1; n--) fraction = k.add(far, k.div(n / 2, fraction));
  const tail = k.div(1 / Math.sqrt(Math.PI), fraction);
  const near = k.min(x, 4);
  return k.where(k.gt(x, 4), tail, k.mul(k.exp(k.mul(near, near)), k.erfc(near)));
}

/** e^(x²) · erfc(x), which neither over- nor underflows for positive x. */
export const erfcx = elementwiseFunction("erfcx", scaledErfc, {
  gradient: ({ x, y, gy }) => k.mul(gy, k.sub(k.mul(2, k.mul(x, y)), 2 / Math.sqrt(Math.PI))),
});

/** The x for which erfc(x) is `y`. */
function inverseErfc(y: Expr): Expr {
  // The tails, by symmetry the right one: Winitzki's approximation, then Halley's method on erfc.
  const small = k.min(k.max(y, 0), k.sub(2, y));
  const a = 0.147;
  const l = k.log(k.mul(small, k.sub(2, small)));
  const t = k.add(2 / (Math.PI * a), k.mul(0.5, l));
  let x: Expr = k.sqrt(k.sub(k.sqrt(k.sub(k.mul(t, t), k.div(l, a))), t));
  for (let i = 0; i < 3; i++) {
    const error = k.sub(k.erfc(x), small);
    const step = k.div(error, k.mul(2 / Math.sqrt(Math.PI), k.exp(k.neg(k.mul(x, x)))));
    x = k.add(x, k.div(step, k.sub(1, k.mul(x, step))));
  }
  const tail = k.where(k.eq(small, 0), Infinity, x);
  const signed = k.where(k.gt(y, 1), k.neg(tail), tail);
  const outside = k.logicalOr(k.lt(y, 0), k.gt(y, 2));
  // Around 1 the complement is exact.
  const middle = k.lt(k.abs(k.sub(1, y)), 0.5);
  return k.where(middle, k.erfinv(k.sub(1, y)), k.where(outside, NaN, signed));
}

/** Inverse of {@link erfc}: infinite at 0 and 2, NaN outside. */
export const erfcinv = elementwiseFunction("erfcinv", inverseErfc, {
  gradient: ({ y, gy }) => k.mul(gy, k.mul(-Math.sqrt(Math.PI) / 2, k.exp(k.mul(y, y)))),
});

/** Distribution function of the standard normal distribution. */
export const ndtr = elementwiseFunction("ndtr", (x) => k.mul(0.5, k.erfc(k.mul(-Math.SQRT1_2, x))));

/** Inverse of {@link ndtr}: infinite at 0 and 1, NaN outside. */
export const ndtri = elementwiseFunction("ndtri", (x) => k.mul(-Math.SQRT2, inverseErfc(k.mul(2, x))), {
  gradient: ({ y, gy }) => k.mul(gy, k.mul(Math.sqrt(2 * Math.PI), k.exp(k.mul(0.5, k.mul(y, y))))),
});

/** Logarithm of {@link ndtr}, exact far out in the tail. */
export const logNdtr = elementwiseFunction(
  "logNdtr",
  (x) => {
    const scaled = k.mul(-Math.SQRT1_2, x);
    const tail = k.sub(k.log(k.mul(0.5, scaledErfc(scaled))), k.mul(0.5, k.mul(x, x)));
    return k.where(k.lt(x, -1), tail, k.log1p(k.mul(-0.5, k.erfc(k.neg(scaled)))));
  },
  { gradient: ({ x, gy }) => k.div(k.mul(gy, Math.sqrt(2 / Math.PI)), scaledErfc(k.mul(-Math.SQRT1_2, x))) },
);
