import { ValueError } from "../errors.js";
import { compose } from "./compose.js";
import type { NdArray } from "../ndarray.js";
import { normalizeAxis } from "../shape.js";
import { borrow, sliceAxis } from "../views.js";
import { positive, subtract } from "./arithmetic.js";
import { notEqual } from "./comparison.js";

/** Options of {@link diff}. */
export interface DiffOptions {
  /** How often differences are taken; 1 by default. */
  readonly n?: number;
  /** The axis along which neighbours lie; the last one by default. */
  readonly axis?: number;
}

/**
 * Differences between neighbours, `x[i + 1] - x[i]`, so that the axis gets shorter by `n` (NumPy's `diff`). For bools,
 * whether they differ.
 */
export function diff(x: NdArray, options: number | DiffOptions = {}): NdArray {
  const { n = 1, axis = -1 } = typeof options === "number" ? { n: options } : options;
  if (!Number.isInteger(n) || n < 0) throw new ValueError(`diff: n must be a whole number from 0 up, got ${n}`);
  const along = normalizeAxis(axis, x.ndim);
  return compose([x], () => {
    let result = n === 0 ? positive(x) : x;
    for (let i = 0; i < n; i++) {
      const length = Math.max((result.shape[along] as number) - 1, 0);
      const skip = result.shape[along] === 0 ? 0 : 1;
      const later = borrow(result, sliceAxis(result, along, skip, length));
      const earlier = borrow(result, sliceAxis(result, along, 0, length));
      result = (result.dtype === "bool" ? notEqual : subtract)(later, earlier);
    }
    return result;
  });
}
