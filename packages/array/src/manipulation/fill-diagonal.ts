import { ValueError } from "../errors.js";
import { checkWritable } from "../indexing/target.js";
import type { NdArray } from "../ndarray.js";
import { formatShape } from "../shape.js";
import { borrow } from "../views.js";
import { copyto } from "./copy.js";
import { diagonalView } from "./diagonal.js";

/**
 * Writes a value, or an array that broadcasts to it, over the main diagonal of a matrix, in place (NumPy's
 * `fill_diagonal`); of an array of more axes, all of one length, over the elements whose positions are equal on all.
 *
 * @returns `x`.
 * @throws ValueError if `x` has fewer than two axes, or more than two of different lengths.
 */
export function fillDiagonal(x: NdArray, value: NdArray | number): NdArray {
  checkWritable(x);
  if (x.ndim < 2 || (x.ndim > 2 && x.shape.some((length) => length !== x.shape[0]))) {
    throw new ValueError(
      `fillDiagonal: needs a matrix, or axes of one length, got an array of shape ${formatShape(x.shape)}`,
    );
  }
  let view = diagonalView(x, 0, 0, 1);
  // Each step joins the next axis to the diagonal so far, which stands last.
  while (view.shape.length > 1) view = diagonalView(view, 0, view.shape.length - 1, 0);
  copyto(borrow(x, view), value);
  return x;
}
