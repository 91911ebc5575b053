/** Pieces that several functions' kernels use. */
import type { DType } from "../dtype.js";
import { isFloating } from "../dtype.js";
import type { Expr, ExprLike } from "../kernel/expr.js";
import * as k from "../kernel/ops.js";

/** Whether the sign bit is set, also for zeros and (not in float64) NaN. */
export function signbitOf(x: Expr, dtype: DType): Expr {
  if (dtype === "bool") return k.ne(x, x);
  if (!isFloating(dtype)) return k.lt(x, 0);
  if (dtype === "float64") return k.logicalOr(k.lt(x, 0), k.lt(k.div(1, x), 0));
  return k.lt(k.bitcast(x, "int32"), k.cast(0, "int32"));
}

/** The magnitude of `x` with the sign of `y`, both of a floating dtype. */
export function copysignOf(x: Expr, y: Expr, dtype: DType): Expr {
  const magnitude = k.abs(x);
  return k.where(signbitOf(y, dtype), k.neg(magnitude), magnitude);
}

/** Converts to the floating dtype that functions of `dtype` compute in. */
export function toFloating(x: Expr, dtype: DType): Expr {
  return isFloating(dtype) ? x : k.cast(x, "float32");
}

/** Arithmetic on bools is arithmetic on int32. */
export function toNumeric(x: Expr, dtype: DType): Expr {
  return dtype === "bool" ? k.cast(x, "int32") : x;
}

/** Whether two truth values differ. */
export function differ(a: ExprLike, b: ExprLike): Expr {
  return k.logicalOr(k.logicalAnd(a, k.logicalNot(b)), k.logicalAnd(k.logicalNot(a), b));
}

/** `x` is +infinite or -infinite; never so for integers. */
export function isInfinite(x: Expr, dtype: DType): Expr {
  return isFloating(dtype) ? k.eq(k.abs(x), Infinity) : k.ne(x, x);
}

/** `x` is a number and not infinite; always so for integers. */
export function isFinite(x: Expr, dtype: DType): Expr {
  return isFloating(dtype) ? k.lt(k.abs(x), Infinity) : k.eq(x, x);
}
