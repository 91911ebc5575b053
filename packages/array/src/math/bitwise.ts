import { InvalidType } from "../errors.js";
import { isFloating, type DType } from "../dtype.js";
import type { Expr } from "../kernel/expr.js";
import * as k from "../kernel/ops.js";
import { toNumeric } from "./parts.js";
import { binary, binaryByDType, unary, type Binary, type Unary } from "./ufunc.js";

/** Bits that are set in both; for bools "and" (NumPy's `bitwise_and`). Integers and bools only, as all functions here. */
export const bitwiseAnd: Binary = binary("bitwise_and", k.bitAnd);
/** Bits that are set in either; for bools "or" (NumPy's `bitwise_or`). */
export const bitwiseOr: Binary = binary("bitwise_or", k.bitOr);
/** Bits that are set in exactly one; for bools "differ" (NumPy's `bitwise_xor`). */
export const bitwiseXor: Binary = binary("bitwise_xor", k.bitXor);
/** All bits turned over; for bools "not" (NumPy's `invert`). */
export const invert: Unary = unary("invert", k.bitNot);
/** The same function as {@link invert}. */
export const bitwiseNot: Unary = invert;

/** Bits moved up by `y ≥ 0` places; 0 when none are left (NumPy's `left_shift`). */
export const leftShift: Binary = binaryByDType("left_shift", (dtype) => (x, y) => {
  const [a, b] = shiftOperands("left_shift", x, y, dtype);
  return k.where(k.lt(k.cast(b, "uint32"), 32), k.shl(a, b), 0);
});

/** Bits moved down by `y ≥ 0` places; int32 keeps its sign (NumPy's `right_shift`). */
export const rightShift: Binary = binaryByDType("right_shift", (dtype) => (x, y) => {
  const [a, b] = shiftOperands("right_shift", x, y, dtype);
  const emptied = dtype === "int32" ? k.shr(a, 31) : 0;
  return k.where(k.lt(k.cast(b, "uint32"), 32), k.shr(a, b), emptied);
});

function shiftOperands(name: string, x: Expr, y: Expr, dtype: DType): [Expr, Expr] {
  if (isFloating(dtype)) throw InvalidType.of(name, "integers or bools", dtype);
  return [toNumeric(x, dtype), toNumeric(y, dtype)];
}
