import { isFloating, type DType } from "../dtype.js";
import { InvalidType, ValueError } from "../errors.js";
import type { Expr } from "../kernel/expr.js";
import * as k from "../kernel/ops.js";
import type { NdArray } from "../ndarray.js";
import { copysignOf, differ, signbitOf, toNumeric } from "./parts.js";
import {
  binary,
  binaryByDType,
  commonDType,
  floatDType,
  unary,
  unaryByDType,
  withArray,
  type Binary,
  type Operand,
  type ResultRule,
  type UfuncOptions,
  type Unary,
} from "./ufunc.js";

/** bool computes as int32. */
const numericDType: ResultRule = (dtype) => (dtype === "bool" ? "int32" : dtype);

/** `x + y`; for bools "or" (NumPy's `add`). */
export const add: Binary = binary("add", k.add);
/** `x - y`; not defined for two bools (NumPy's `subtract`). */
export const subtract: Binary = binary("subtract", k.sub);
/** `x · y`; for bools "and" (NumPy's `multiply`). */
export const multiply: Binary = binary("multiply", k.mul);
/** `x / y` as real numbers: integers divide in float32 (NumPy's `divide`). */
export const divide: Binary = binary("divide", k.div, floatDType);
/** The same function as {@link divide}. */
export const trueDivide: Binary = divide;
/** `-x` (NumPy's `negative`). */
export const negative: Unary = unary("negative", k.neg);
/** A copy of `x` (NumPy's `positive`). */
export const positive: Unary = unary("positive", (x) => x);

/**
 * The largest integer not above `x / y` (NumPy's `floor_divide`): integers stay integers, division of an integer by 0
 * gives 0, of a float an infinity or NaN.
 */
export const floorDivide: Binary = binaryByDType(
  "floor_divide",
  (dtype) => (x, y) => (isFloating(dtype) ? floatQuotient(x, y, dtype) : integerQuotient(x, y, dtype)),
  numericDType,
);

/**
 * What {@link floorDivide} leaves, with the sign of the divisor (NumPy's `remainder`, Python's `%`): an integer by 0
 * gives 0, a float NaN.
 */
export const remainder: Binary = binaryByDType(
  "remainder",
  (dtype) => (x, y) => (isFloating(dtype) ? floatRemainder(x, y, dtype) : integerRemainder(x, y, dtype)),
  numericDType,
);
/** The same function as {@link remainder}. */
export const mod: Binary = remainder;

/** Remainder with the sign of the dividend (NumPy's and C's `fmod`). */
export const fmod: Binary = binaryByDType(
  "fmod",
  (dtype) => (x, y) => k.fmod(toNumeric(x, dtype), toNumeric(y, dtype)),
  numericDType,
);

/** {@link floorDivide} and {@link remainder} at once (NumPy's `divmod`). */
export function divmod(x: Operand, y: Operand): [NdArray, NdArray] {
  return [floorDivide(x, y), remainder(x, y)];
}

function integerQuotient(a: Expr, b: Expr, dtype: DType): Expr {
  const [x, y] = [toNumeric(a, dtype), toNumeric(b, dtype)];
  const quotient = k.idiv(x, y);
  const rest = k.fmod(x, y);
  const below = k.logicalAnd(k.ne(rest, 0), differ(k.lt(rest, 0), k.lt(y, 0)));
  return k.where(below, k.sub(quotient, 1), quotient);
}

function integerRemainder(a: Expr, b: Expr, dtype: DType): Expr {
  const [x, y] = [toNumeric(a, dtype), toNumeric(b, dtype)];
  const rest = k.fmod(x, y);
  const below = k.logicalAnd(k.ne(rest, 0), differ(k.lt(rest, 0), k.lt(y, 0)));
  return k.where(below, k.add(rest, y), rest);
}

function floatRemainder(x: Expr, y: Expr, dtype: DType): Expr {
  const rest = k.fmod(x, y);
  const below = differ(k.lt(rest, 0), k.lt(y, 0));
  return k.where(k.eq(rest, 0), copysignOf(rest, y, dtype), k.where(below, k.add(rest, y), rest));
}

/** By way of the remainder, as CPython does it: `floor(x / y)` may be one off where the quotient was rounded. */
function floatQuotient(x: Expr, y: Expr, dtype: DType): Expr {
  const ratio = k.div(x, y);
  const rest = k.fmod(x, y);
  const whole = k.div(k.sub(x, rest), y);
  const below = k.logicalAnd(k.ne(rest, 0), differ(k.lt(rest, 0), k.lt(y, 0)));
  const quotient = k.where(below, k.sub(whole, 1), whole);
  const floor = k.floor(quotient);
  const rounded = k.where(k.gt(k.sub(quotient, floor), 0.5), k.add(floor, 1), floor);
  const zero = k.where(signbitOf(ratio, dtype), -0, 0);
  return k.where(k.eq(y, 0), ratio, k.where(k.eq(quotient, 0), zero, rounded));
}

const anyPower: Binary = binaryByDType(
  "power",
  (dtype) => (x, y) => (isFloating(dtype) ? k.pow(x, y) : k.ipow(toNumeric(x, dtype), toNumeric(y, dtype))),
  numericDType,
);
const identity: Unary = unary("power_1", (x) => x);
const reciprocalPower: Unary = unary("power_-1", (x) => k.div(1, x));
const squarePower: Unary = unary("power_2", k.square);
const cubePower: Unary = unary("power_3", (x) => k.mul(k.square(x), x));
const rootPower: Unary = unary("power_0.5", k.sqrt);

/**
 * `x` to the power of `y` (NumPy's `power`). Integers stay integers, wrapping around; an integer array to a fractional
 * number gives float32. In integer arrays, a negative exponent gives 0 except for the bases 1 and -1.
 *
 * @throws ValueError for integers to a negative number.
 */
export function power(x: Operand, y: Operand, options?: UfuncOptions): NdArray {
  if (typeof y !== "number" || typeof x === "number") return anyPower(x, y, options);
  const dtype = options?.dtype ?? x.dtype;
  if (isFloating(dtype)) {
    if (y === 2) return squarePower(x, options);
    if (y === 3) return cubePower(x, options);
    if (y === 1) return identity(x, options);
    if (y === 0.5) return rootPower(x, options);
    if (y === -1) return reciprocalPower(x, options);
  } else if (Number.isInteger(y) && y < 0) {
    throw new ValueError(`power: integers to a negative power (${y}) are not integers; convert the array to a float`);
  }
  return anyPower(x, y, options);
}
/** The same function as {@link power}, of the floating dtype of its operands (NumPy's `float_power`). */
export function floatPower(x: Operand, y: Operand, options?: UfuncOptions): NdArray {
  const dtype = options?.dtype ?? floatDType(commonDType(withArray([x, y])));
  if (!isFloating(dtype)) throw InvalidType.of("float_power (dtype)", "a floating dtype", dtype);
  return power(x, y, { ...options, dtype });
}

/** `|x|` (NumPy's `absolute`). */
export const absolute: Unary = unary("absolute", k.abs);
/** The same function as {@link absolute}. */
export const abs: Unary = absolute;
/** `|x|` in a floating dtype (NumPy's `fabs`). */
export const fabs: Unary = unaryByDType(
  "fabs",
  (dtype) => (x) => k.abs(isFloating(dtype) ? x : k.cast(x, "float32")),
  floatDType,
);
/** -1, 0 or 1; NaN for NaN (NumPy's `sign`). */
export const sign: Unary = unary("sign", (x) =>
  k.where(k.gt(x, 0), 1, k.where(k.lt(x, 0), -1, k.where(k.eq(x, 0), 0, x))),
);
/** `x²` (NumPy's `square`). */
export const square: Unary = unary("square", k.square);
/** `1 / x`; integers give float32 (NumPy's `reciprocal`, which truncates integers). */
export const reciprocal: Unary = unary("reciprocal", (x) => k.div(1, x), floatDType);
