import type { Expr } from "../kernel/expr.js";
import * as k from "../kernel/ops.js";
import type { NdArray } from "../ndarray.js";
import {
  binary,
  boolDType,
  fits,
  unary,
  type Binary,
  type BinaryPredicate,
  type Operand,
  type UnaryPredicate,
} from "./ufunc.js";

const always: UnaryPredicate = unary("always", (x) => k.eq(k.cast(x, "bool"), k.cast(x, "bool")), boolDType);
const never: UnaryPredicate = unary("never", (x) => k.ne(k.cast(x, "bool"), k.cast(x, "bool")), boolDType);

/** A comparison; a number beyond the range of an integer array compares as the number that it is. */
function comparison(
  name: string,
  body: (x: Expr, y: Expr) => Expr,
  holds: (x: number, y: number) => boolean,
): BinaryPredicate {
  const compare: Binary = binary(name, body, boolDType);
  return (x, y, options) => {
    const array = arrayWithoutRoom(x, y);
    if (array === null) return compare(x, y, options);
    // Any element lies on the same side of the number as 0 does.
    const outcome = typeof x === "number" ? holds(x, 0) : holds(0, y as number);
    return (outcome ? always : never)(array, options);
  };
}

/** The integer array that is compared with a number beyond its range, if that is what the operands are. */
function arrayWithoutRoom(x: Operand, y: Operand): NdArray | null {
  if (typeof y === "number") return typeof x === "number" || fits(x.dtype, y) ? null : x;
  return typeof x !== "number" || fits(y.dtype, x) ? null : y;
}

/** `x = y` (NumPy's `equal`). NaN equals nothing. */
export const equal: BinaryPredicate = comparison("equal", k.eq, (x, y) => x === y);
/** `x ≠ y` (NumPy's `not_equal`). */
export const notEqual: BinaryPredicate = comparison("not_equal", k.ne, (x, y) => x !== y);
/** `x < y` (NumPy's `less`). */
export const less: BinaryPredicate = comparison("less", k.lt, (x, y) => x < y);
/** `x ≤ y` (NumPy's `less_equal`). */
export const lessEqual: BinaryPredicate = comparison("less_equal", k.le, (x, y) => x <= y);
/** `x > y` (NumPy's `greater`). */
export const greater: BinaryPredicate = comparison("greater", k.gt, (x, y) => x > y);
/** `x ≥ y` (NumPy's `greater_equal`). */
export const greaterEqual: BinaryPredicate = comparison("greater_equal", k.ge, (x, y) => x >= y);
