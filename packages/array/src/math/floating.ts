/** Functions about the parts of floating numbers: signs, infinities, NaN. */
import { isFloating, type DType } from "../dtype.js";
import { elementwise } from "../kernel/elementwise.js";
import * as k from "../kernel/ops.js";
import type { NdArray } from "../ndarray.js";
import { copy, copyto } from "../manipulation/copy.js";
import { copysignOf, toFloating } from "./parts.js";
import { binaryByDType, checkOut, floatDType, type Binary } from "./ufunc.js";

/** The magnitude of `x` with the sign of `y` (NumPy's `copysign`). */
export const copysign: Binary = binaryByDType(
  "copysign",
  (dtype) => (x, y) => copysignOf(toFloating(x, dtype), toFloating(y, dtype), floatDType(dtype)),
  floatDType,
);

/** 0 below 0, 1 above, and `y` at 0 (NumPy's `heaviside`). */
export const heaviside: Binary = binaryByDType(
  "heaviside",
  (dtype) => (a, b) => {
    const x = toFloating(a, dtype);
    const step = k.where(k.gt(x, 0), 1, k.where(k.lt(x, 0), 0, x));
    return k.where(k.eq(x, 0), toFloating(b, dtype), step);
  },
  floatDType,
);

/** The largest finite number of a floating dtype. */
function largest(dtype: DType): number {
  if (dtype === "float16") return 65504;
  return dtype === "float64" ? Number.MAX_VALUE : (2 - 2 ** -23) * 2 ** 127;
}

/** Options of {@link nanToNum}. */
export interface NanToNumOptions {
  /** Replaces NaN; 0 by default. */
  readonly nan?: number;
  /** Replaces Infinity; the dtype's largest number by default. */
  readonly posinf?: number;
  /** Replaces -Infinity; the dtype's lowest number by default. */
  readonly neginf?: number;
  readonly out?: NdArray;
}

const nanToNumKernel = elementwise(
  "nan_to_num",
  { scalars: ["nan", "posinf", "neginf"] },
  (x, { nan, posinf, neginf }) =>
    k.castLike(k.where(k.isnan(x), nan, k.where(k.eq(x, Infinity), posinf, k.where(k.eq(x, -Infinity), neginf, x))), x),
);

/** Replaces NaN and infinities by finite numbers (NumPy's `nan_to_num`). */
export function nanToNum(x: NdArray, options: NanToNumOptions = {}): NdArray {
  const limit = largest(x.dtype);
  const { nan = 0, posinf = limit, neginf = -limit, out } = options;
  if (out !== undefined) checkOut("nan_to_num", out, x.dtype);
  const result = isFloating(x.dtype) ? nanToNumKernel(x, { nan, posinf, neginf }) : copy(x);
  if (out === undefined) return result;
  copyto(out, result);
  return out;
}
