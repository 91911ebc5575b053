import type { NdArray } from "../ndarray.js";
import { borrow, permuteAxes } from "../views.js";
import { copyReshaped } from "./copy.js";
import { reshape, type ReshapeOptions } from "./reshape.js";

/** All elements along one axis (NumPy's `ravel`): a view where strides can express it, else a copy. */
export function ravel(x: NdArray, options?: ReshapeOptions): NdArray {
  return reshape(x, x.size, options);
}

/** All elements along one axis, always as a copy (NumPy's `ndarray.flatten`). */
export function flatten(x: NdArray, options?: ReshapeOptions): NdArray {
  const axes = x.shape.map((_, i) => x.ndim - 1 - i);
  return copyReshaped(options?.order === "F" ? borrow(x, permuteAxes(x, axes)) : x, [x.size]);
}
