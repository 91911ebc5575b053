import { ValueError } from "../errors.js";
import type { NdArray } from "../ndarray.js";
import { axesFrom, type AxesOption } from "../options.js";
import { normalizeAxes } from "../shape.js";
import { sliceAxis, viewOf, type View } from "../views.js";

/** Elements in reverse order along one axis, several, or (the default) all of them, as a view (NumPy's `flip`). */
export function flip(x: NdArray, options?: AxesOption): NdArray {
  return viewOf(x, flipAxes(x, normalizeAxes(axesFrom(options), x.ndim)));
}

/** Columns in reverse order, as a view (NumPy's `fliplr`). */
export function fliplr(x: NdArray): NdArray {
  if (x.ndim < 2) throw new ValueError(`fliplr: needs an array of at least 2 axes, got ${x.ndim}`);
  return viewOf(x, flipAxes(x, [1]));
}

/** Rows in reverse order, as a view (NumPy's `flipud`). */
export function flipud(x: NdArray): NdArray {
  if (x.ndim < 1) throw new ValueError("flipud: needs an array of at least 1 axis, got 0");
  return viewOf(x, flipAxes(x, [0]));
}

/** The view with some axes reversed. */
export function flipAxes(view: View, axes: readonly number[]): View {
  return axes.reduce((v, axis) => {
    const length = v.shape[axis] as number;
    return sliceAxis(v, axis, length - 1, length, -1);
  }, view);
}
