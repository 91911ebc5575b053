/**
 * What every floating operation computes, on JavaScript numbers: the oracle of the generators, and what a generator
 * calls for an operation that it has no faster code for.
 */
import { digamma, erf, erfc, erfinv, lgamma } from "./special.js";
import type { OpName } from "./ops-table.js";

/** Rounds to the nearest integer, halves to even. */
export function rint(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest === 0 || Number.isNaN(rest)) return x;
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
  const rounded = up ? floor + 1 : floor;
  return rounded === 0 && x < 0 ? -0 : rounded;
}

/** Wrapping power of 32-bit integers by repeated squaring. */
export function ipow(base: number, exponent: number): number {
  if (exponent < 0) return base === 1 ? 1 : base === -1 ? (exponent % 2 === 0 ? 1 : -1) : 0;
  let result = 1;
  for (let b = base | 0, e = exponent >>> 0; e !== 0; e >>>= 1, b = Math.imul(b, b)) {
    if (e & 1) result = Math.imul(result, b);
  }
  return result;
}

/** NumPy's and C's power: unlike JavaScript's, 1 to any power and -1 to an infinite one give 1. */
export function pow(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1;
  return Math.pow(base, exponent);
}

/** The floating functions of one and two operands, computed in float64. */
export const reference = {
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  log2: Math.log2,
  log10: Math.log10,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  cbrt: Math.cbrt,
  sqrt: Math.sqrt,
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
  rint,
  erf,
  erfc,
  erfinv,
  lgamma,
  digamma,
  pow,
  atan2: Math.atan2,
  fmod: (a: number, b: number) => a % b,
  ipow,
} as const satisfies Partial<Record<OpName, (...args: number[]) => number>>;

/** Operations that {@link reference} holds. */
export type ReferenceName = keyof typeof reference;

export function isReference(op: string): op is ReferenceName {
  return Object.hasOwn(reference, op);
}
