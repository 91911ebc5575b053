/** A float32 and its 32 bits, in the kernel language. */
import type { Expr } from "./expr.js";
import { add, bitAnd, bitcast, bitOr, shl } from "./ops.js";

/** A float32 bit pattern as a number. */
export function fromBits(bits: Expr): Expr {
  return bitcast(bits, "float32");
}

/** 2^n for an int32 n in the exponent range of normal numbers. */
export function powerOfTwo(n: Expr): Expr {
  return fromBits(shl(add(n, 127), 23));
}

/** The bit of the sign alone. */
export function signOf(x: Expr): Expr {
  return bitAnd(bitcast(x, "int32"), -(2 ** 31));
}

/** Copies the sign of `from` to a non-negative value: exact also for -0. */
export function withSignOf(magnitude: Expr, from: Expr): Expr {
  return fromBits(bitOr(bitcast(magnitude, "int32"), signOf(from)));
}
