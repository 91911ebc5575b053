import type { NdArray } from "../ndarray.js";
import { viewOf, withLeadingAxes, type View } from "../views.js";

/** Arrays with at least one axis: 0-d arrays become shape (1,); a view (NumPy's `atleast_1d`). */
export function atleast1d(x: NdArray): NdArray;
export function atleast1d(...arrays: NdArray[]): NdArray | NdArray[];
export function atleast1d(...arrays: NdArray[]): NdArray | NdArray[] {
  return each(arrays, (x) => withLeadingAxes(x, 1));
}

/** Arrays with at least two axes, new ones in front; views (NumPy's `atleast_2d`). */
export function atleast2d(x: NdArray): NdArray;
export function atleast2d(...arrays: NdArray[]): NdArray | NdArray[];
export function atleast2d(...arrays: NdArray[]): NdArray | NdArray[] {
  return each(arrays, asRows);
}

/** Arrays with at least three axes: (n,) becomes (1, n, 1), (m, n) becomes (m, n, 1); views (NumPy's `atleast_3d`). */
export function atleast3d(x: NdArray): NdArray;
export function atleast3d(...arrays: NdArray[]): NdArray | NdArray[];
export function atleast3d(...arrays: NdArray[]): NdArray | NdArray[] {
  return each(arrays, withThreeAxes);
}

/** 1-d arrays as rows. */
export function asRows(x: View): View {
  return withLeadingAxes(x, 2);
}

/** 1-d arrays as columns. */
export function asColumns(x: View): View {
  return x.shape.length < 2 ? withTrailingAxis(withLeadingAxes(x, 1)) : x;
}

/** Three axes as `atleast3d` gives. */
export function withThreeAxes(x: View): View {
  return x.shape.length < 3 ? withTrailingAxis(withLeadingAxes(x, 2)) : x;
}

function withTrailingAxis(x: View): View {
  return { shape: [...x.shape, 1], strides: [...x.strides, 0], offset: x.offset };
}

function each(arrays: readonly NdArray[], arrange: (x: View) => View): NdArray | NdArray[] {
  const results = arrays.map((x) => viewOf(x, arrange(x)));
  return results.length === 1 ? (results[0] as NdArray) : results;
}
