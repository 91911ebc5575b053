import { isFloating } from "../dtype.js";
import { InvalidType, ValueError } from "../errors.js";
import { elementwise } from "../kernel/elementwise.js";
import * as k from "../kernel/ops.js";
import type { NdArray } from "../ndarray.js";
import { astype } from "../manipulation/astype.js";
import { copy, copyto } from "../manipulation/copy.js";
import { checkOut, floatDType, unary, type Unary } from "./ufunc.js";

/** The largest integer not above; integers give float32, as the functions here all do (NumPy's `floor`). */
export const floor: Unary = unary("floor", k.floor, floatDType);
/** The smallest integer not below (NumPy's `ceil`). */
export const ceil: Unary = unary("ceil", k.ceil, floatDType);
/** The nearest integer towards zero (NumPy's `trunc`). */
export const trunc: Unary = unary("trunc", k.trunc, floatDType);
/** The same function as {@link trunc} (NumPy's `fix`). */
export const fix: Unary = trunc;
/** The nearest integer, halves to even (NumPy's `rint`). */
export const rint: Unary = unary("rint", k.rint, floatDType);

const roundKernel = elementwise("round", { scalars: ["scale"] }, (x, { scale }) =>
  k.castLike(k.div(k.rint(k.mul(x, scale)), scale), x),
);
const roundTensKernel = elementwise("round_tens", { scalars: ["scale"] }, (x, { scale }) =>
  k.castLike(k.mul(k.rint(k.div(x, scale)), scale), x),
);

/** Options of {@link round}. */
export interface RoundOptions {
  /** Number of decimal places; negative for places left of the point. 0 by default. */
  readonly decimals?: number;
  readonly out?: NdArray;
}

/** Rounds to a number of decimal places, halves to even; the dtype stays (NumPy's `round`). */
export function round(x: NdArray, options: number | RoundOptions = {}): NdArray {
  const { decimals = 0, out } = typeof options === "number" ? { decimals: options } : options;
  if (!Number.isInteger(decimals)) throw new ValueError(`round: decimals must be a whole number, got ${decimals}`);
  if (out !== undefined) checkOut("round", out, x.dtype);
  const result = rounded(x, decimals);
  if (out === undefined) return result;
  copyto(out, result);
  return out;
}

function rounded(x: NdArray, decimals: number): NdArray {
  if (x.dtype === "bool") throw InvalidType.of("round", "numbers", "bool");
  if (!isFloating(x.dtype) && decimals >= 0) return copy(x);
  if (decimals === 0) return rint(x);
  const result =
    decimals > 0 ? roundKernel(x, { scale: 10 ** decimals }) : roundTensKernel(x, { scale: 10 ** -decimals });
  return astype(result, x.dtype, { copy: false });
}
/** The same function as {@link round} (NumPy's `around`). */
export const around: typeof round = round;
