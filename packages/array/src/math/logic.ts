import * as k from "../kernel/ops.js";
import { isFloating } from "../dtype.js";
import { differ, isFinite, isInfinite, signbitOf } from "./parts.js";
import { binary, boolDType, unary, unaryByDType, type BinaryPredicate, type UnaryPredicate } from "./ufunc.js";

/** Whether both are true, that is not 0 (NumPy's `logical_and`). */
export const logicalAnd: BinaryPredicate = binary("logical_and", k.logicalAnd, boolDType);
/** Whether one or both are true (NumPy's `logical_or`). */
export const logicalOr: BinaryPredicate = binary("logical_or", k.logicalOr, boolDType);
/** Whether exactly one is true (NumPy's `logical_xor`). */
export const logicalXor: BinaryPredicate = binary("logical_xor", differ, boolDType);
/** Whether it is false, that is 0 (NumPy's `logical_not`). */
export const logicalNot: UnaryPredicate = unary("logical_not", k.logicalNot, boolDType);

/** Whether elements are not a number (NumPy's `isnan`). */
export const isnan: UnaryPredicate = unary("isnan", k.isnan, boolDType);
/** Whether elements are infinite, of either sign (NumPy's `isinf`). */
export const isinf: UnaryPredicate = unaryByDType("isinf", (dtype) => (x) => isInfinite(x, dtype), boolDType);
/** Whether elements are neither infinite nor NaN (NumPy's `isfinite`). */
export const isfinite: UnaryPredicate = unaryByDType("isfinite", (dtype) => (x) => isFinite(x, dtype), boolDType);
/** Whether elements are +Infinity (NumPy's `isposinf`). */
export const isposinf: UnaryPredicate = unaryByDType(
  "isposinf",
  (dtype) => (x) => (isFloating(dtype) ? k.eq(x, Infinity) : k.ne(x, x)),
  boolDType,
);
/** Whether elements are -Infinity (NumPy's `isneginf`). */
export const isneginf: UnaryPredicate = unaryByDType(
  "isneginf",
  (dtype) => (x) => (isFloating(dtype) ? k.eq(x, -Infinity) : k.ne(x, x)),
  boolDType,
);
/** Whether the sign bit is set, also of -0 (NumPy's `signbit`). In float64 the sign of a NaN does not show. */
export const signbit: UnaryPredicate = unaryByDType("signbit", (dtype) => (x) => signbitOf(x, dtype), boolDType);
