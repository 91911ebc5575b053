/**
 * The vocabulary of kernel bodies: functions over symbolic scalars. They only record what is to be computed.
 */
import type { DType } from "../dtype.js";
import { toExpr, type CastTarget, type Expr, type ExprLike } from "./expr.js";
import { fused } from "./fused.js";
import type { OpName } from "./ops-table.js";

type Unary = (x: ExprLike) => Expr;
type Binary = (a: ExprLike, b: ExprLike) => Expr;

function unary(op: OpName): Unary {
  return (x) => ({ kind: "op", op, args: [toExpr(x)] });
}

function binary(op: OpName): Binary {
  return (a, b) => ({ kind: "op", op, args: [toExpr(a), toExpr(b)] });
}

export const add: Binary = binary("add");
export const sub: Binary = binary("sub");
export const mul: Binary = binary("mul");
/** True division; integers divide as float32. */
export const div: Binary = binary("div");
export const neg: Unary = unary("neg");
export const abs: Unary = unary("abs");
/** The larger operand; NaN if either is NaN. */
export const max: Binary = binary("max");
/** The smaller operand; NaN if either is NaN. */
export const min: Binary = binary("min");
/** Remainder with the sign of the dividend; an integer by 0 gives 0. */
export const fmod: Binary = binary("fmod");
/** Quotient of integers rounded towards zero; by 0 gives 0. */
export const idiv: Binary = binary("idiv");
/** Integer power, wrapping; a negative exponent gives 0 except for bases 1 and -1. */
export const ipow: Binary = binary("ipow");
export const pow: Binary = binary("pow");
export const atan2: Binary = binary("atan2");
export const sqrt: Unary = unary("sqrt");
export const floor: Unary = unary("floor");
export const ceil: Unary = unary("ceil");
export const trunc: Unary = unary("trunc");
/** Rounds to the nearest integer, halves to even. */
export const rint: Unary = unary("rint");
export const exp: Unary = unary("exp");
export const expm1: Unary = unary("expm1");
export const log: Unary = unary("log");
export const log1p: Unary = unary("log1p");
export const log2: Unary = unary("log2");
export const log10: Unary = unary("log10");
export const sin: Unary = unary("sin");
export const cos: Unary = unary("cos");
export const tan: Unary = unary("tan");
export const asin: Unary = unary("asin");
export const acos: Unary = unary("acos");
export const atan: Unary = unary("atan");
export const sinh: Unary = unary("sinh");
export const cosh: Unary = unary("cosh");
export const tanh: Unary = unary("tanh");
export const asinh: Unary = unary("asinh");
export const acosh: Unary = unary("acosh");
export const atanh: Unary = unary("atanh");
export const cbrt: Unary = unary("cbrt");
export const erf: Unary = unary("erf");
export const erfc: Unary = unary("erfc");
export const erfinv: Unary = unary("erfinv");
/** Logarithm of the absolute value of the gamma function. */
export const lgamma: Unary = unary("lgamma");
export const digamma: Unary = unary("digamma");
export const bitAnd: Binary = binary("bitAnd");
export const bitOr: Binary = binary("bitOr");
export const bitXor: Binary = binary("bitXor");
export const bitNot: Unary = unary("bitNot");
export const shl: Binary = binary("shl");
export const shr: Binary = binary("shr");
export const lt: Binary = binary("lt");
export const le: Binary = binary("le");
export const gt: Binary = binary("gt");
export const ge: Binary = binary("ge");
export const eq: Binary = binary("eq");
export const ne: Binary = binary("ne");
export const logicalAnd: Binary = binary("logicalAnd");
export const logicalOr: Binary = binary("logicalOr");
export const logicalNot: Unary = unary("logicalNot");

/** `a` where `condition` holds, else `b`. Both are computed. */
export function where(condition: ExprLike, a: ExprLike, b: ExprLike): Expr {
  return { kind: "op", op: "where", args: [toExpr(condition), toExpr(a), toExpr(b)] };
}

/** Converts to a dtype, as `astype` does. */
export function cast(x: ExprLike, dtype: DType): Expr {
  return convert(x, dtype);
}

/** Converts to the dtype that `like` has. */
export function castLike(x: ExprLike, like: Expr): Expr {
  return convert(x, { like });
}

/** Converts to the dtype in which values of `x`'s dtype are summed: bool to int32, uint8 to uint32, else unchanged. */
export function widen(x: ExprLike): Expr {
  return convert(x, "accumulator");
}

function convert(x: ExprLike, dtype: CastTarget): Expr {
  return { kind: "cast", dtype, args: [toExpr(x)] };
}

/** Reads the bits of a 32-bit value as another 32-bit type. */
export function bitcast(x: ExprLike, dtype: "int32" | "uint32" | "float32"): Expr {
  return { kind: "bitcast", dtype, args: [toExpr(x)] };
}

/**
 * The position, as int32: of the output element in C order (elementwise), along the reduced axes (reduction), or in the
 * row (row-wise).
 */
export const index: Expr = { kind: "index" };

/** Number of elements that are reduced (reduction), or of a row (row-wise), as int32. */
export const size: Expr = { kind: "size" };

export function isnan(x: ExprLike): Expr {
  return ne(x, x);
}

export function square(x: ExprLike): Expr {
  return mul(x, x);
}

/** 1 / (1 + e^-x). */
export function sigmoid(x: ExprLike): Expr {
  return div(1, add(1, exp(neg(x))));
}

/** `Σ coefficients[i] · x^i`, by Horner's rule, with fused multiply-adds where there are some. */
export function polynomial(x: ExprLike, coefficients: readonly number[]): Expr {
  return coefficients.reduceRight<Expr>(
    (sum, c, i) => (i === coefficients.length - 1 ? toExpr(c) : fused(add(mul(sum, x), c))),
    toExpr(0),
  );
}
