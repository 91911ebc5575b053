import { ValueError } from "../errors.js";
import { copyto } from "../manipulation/copy.js";
import { diagonal, diagonalView } from "../manipulation/diagonal.js";
import type { NdArray } from "../methods.js";
import { diagonalFrom, type DiagonalOption } from "../options.js";
import { borrow } from "../views.js";
import { filled } from "./filled.js";

/**
 * Of an array with one axis, the matrix that has it on diagonal `k` and zeros elsewhere; of a matrix, its diagonal `k`, as
 * a view (NumPy's `diag`).
 *
 * @throws ValueError for other numbers of axes.
 */
export function diag(x: NdArray, options?: DiagonalOption): NdArray {
  const k = diagonalFrom(options);
  if (!Number.isInteger(k)) throw new ValueError(`diag: k is a whole number, got ${k}`);
  if (x.ndim === 2) return diagonal(x, k);
  if (x.ndim !== 1) throw new ValueError(`diag: needs an array of 1 or 2 axes, got ${x.ndim}`);
  const length = x.size + Math.abs(k);
  const result = filled([length, length], 0, x.dtype, x.storage.backend);
  copyto(borrow(result, diagonalView(result, k, 0, 1)), x);
  return result;
}
