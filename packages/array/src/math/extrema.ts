import { isFloating, type DType } from "../dtype.js";
import { InvalidType, ValueError } from "../errors.js";
import { elementwise } from "../kernel/elementwise.js";
import * as k from "../kernel/ops.js";
import type { NdArray } from "../ndarray.js";
import {
  binary,
  binaryByDType,
  rangeOf,
  run,
  sameDType,
  type Binary,
  type Operand,
  type UfuncOptions,
} from "./ufunc.js";

/** The larger of two; NaN if either is (NumPy's `maximum`). */
export const maximum: Binary = binary("maximum", k.max);
/** The smaller of two; NaN if either is (NumPy's `minimum`). */
export const minimum: Binary = binary("minimum", k.min);
/** The larger of two; a NaN loses against a number (NumPy's `fmax`). */
export const fmax: Binary = binaryByDType("fmax", (dtype) =>
  isFloating(dtype) ? (x, y) => k.where(k.isnan(x), y, k.where(k.isnan(y), x, k.max(x, y))) : k.max,
);
/** The smaller of two; a NaN loses against a number (NumPy's `fmin`). */
export const fmin: Binary = binaryByDType("fmin", (dtype) =>
  isFloating(dtype) ? (x, y) => k.where(k.isnan(x), y, k.where(k.isnan(y), x, k.min(x, y))) : k.min,
);

const clipKernel = elementwise("clip", (x, low, high) => k.min(k.max(x, low), high));

/**
 * Limits elements to `[min, max]`, either of which may be an array, a number, or `null` for no limit (NumPy's `clip`).
 * NaN stays NaN; where `min > max` the result is `max`.
 *
 * @throws ValueError if both limits are null.
 */
export function clip(x: NdArray, min: Operand | null, max: Operand | null, options?: UfuncOptions): NdArray {
  if (min === null && max === null) throw new ValueError("clip: min and max are both null; give at least one limit");
  if (x.dtype === "bool") throw InvalidType.of("clip", "numbers", "bool");
  const dtype = options?.dtype ?? x.dtype;
  const low = min === null ? null : withinRange(dtype, min, "min");
  const high = max === null ? null : withinRange(dtype, max, "max");
  if (low === null) return minimum(x, high ?? x, options);
  if (high === null) return maximum(x, low, options);
  return run("clip", () => clipKernel, sameDType, [x, low, high], options);
}

/** A limit beyond an integer dtype's range limits nothing; on the wrong side, nothing could be a result. */
function withinRange(dtype: DType, limit: Operand, side: "min" | "max"): Operand {
  const range = rangeOf(dtype);
  if (typeof limit !== "number" || range === undefined || !Number.isInteger(limit)) return limit;
  const [lowest, highest] = range;
  if (side === "min" ? limit > highest : limit < lowest) {
    throw new ValueError(`clip: ${side} ${limit} lies outside ${dtype}; convert the array with astype() first`);
  }
  return Math.min(Math.max(limit, lowest), highest);
}
