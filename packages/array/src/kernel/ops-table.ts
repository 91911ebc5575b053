/**
 * Every operation of the kernel language, with its number of operands and the rule that gives its type.
 *
 * - `arithmetic`: operands are promoted to one dtype, which is the result's
 * - `float`: as arithmetic, in a floating dtype (float32 for integers)
 * - `integer`: as arithmetic, integers and bools only
 * - `compare`: operands are promoted to one dtype, the result is bool
 * - `logical`: operands are taken as truth values, the result is bool
 * - `select`: the first operand is a truth value, the others are promoted
 */
export type TypeRule = "arithmetic" | "float" | "integer" | "compare" | "logical" | "select";

const table = {
  add: [2, "arithmetic"],
  sub: [2, "arithmetic"],
  mul: [2, "arithmetic"],
  neg: [1, "arithmetic"],
  abs: [1, "arithmetic"],
  /** Propagates NaN, as NumPy's `maximum`. */
  max: [2, "arithmetic"],
  min: [2, "arithmetic"],
  /** Remainder with the sign of the dividend (C's `fmod` and `%`); an integer by 0 gives 0. */
  fmod: [2, "arithmetic"],
  /** Quotient of integers rounded towards zero; by 0 gives 0. */
  idiv: [2, "integer"],
  ipow: [2, "integer"],
  div: [2, "float"],
  pow: [2, "float"],
  atan2: [2, "float"],
  sqrt: [1, "float"],
  floor: [1, "float"],
  ceil: [1, "float"],
  trunc: [1, "float"],
  /** Rounds half to even. */
  rint: [1, "float"],
  exp: [1, "float"],
  expm1: [1, "float"],
  log: [1, "float"],
  log1p: [1, "float"],
  log2: [1, "float"],
  log10: [1, "float"],
  sin: [1, "float"],
  cos: [1, "float"],
  tan: [1, "float"],
  asin: [1, "float"],
  acos: [1, "float"],
  atan: [1, "float"],
  sinh: [1, "float"],
  cosh: [1, "float"],
  tanh: [1, "float"],
  asinh: [1, "float"],
  acosh: [1, "float"],
  atanh: [1, "float"],
  cbrt: [1, "float"],
  erf: [1, "float"],
  erfc: [1, "float"],
  erfinv: [1, "float"],
  lgamma: [1, "float"],
  digamma: [1, "float"],
  bitAnd: [2, "integer"],
  bitOr: [2, "integer"],
  bitXor: [2, "integer"],
  bitNot: [1, "integer"],
  /** Shift counts are taken modulo 32; a right shift of int32 keeps the sign. */
  shl: [2, "integer"],
  shr: [2, "integer"],
  lt: [2, "compare"],
  le: [2, "compare"],
  gt: [2, "compare"],
  ge: [2, "compare"],
  eq: [2, "compare"],
  ne: [2, "compare"],
  logicalAnd: [2, "logical"],
  logicalOr: [2, "logical"],
  logicalNot: [1, "logical"],
  where: [3, "select"],
} as const satisfies Record<string, readonly [number, TypeRule]>;

/** Name of an operation. */
export type OpName = keyof typeof table;

/** Every operation's name. */
export const opNames = Object.keys(table) as OpName[];

export function arityOf(op: OpName): number {
  return table[op][0];
}

export function typeRuleOf(op: OpName): TypeRule {
  return table[op][1];
}
