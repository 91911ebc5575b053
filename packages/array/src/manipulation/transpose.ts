import { ValueError } from "../errors.js";
import type { NdArray } from "../ndarray.js";
import { normalizeAxis } from "../shape.js";
import { permuteAxes, reverseAxes, viewOf } from "../views.js";

/** The order of axes: a list, or `{ axes }`; all reversed when not given. */
export type AxesOrder = readonly number[] | null | { readonly axes?: readonly number[] | null };

/**
 * Axes in another order, as a view (NumPy's `transpose`): axis `i` of the result is axis `axes[i]` of `x`.
 *
 * @throws ValueError if `axes` is no permutation of the axes.
 */
export function transpose(x: NdArray, axes?: AxesOrder): NdArray {
  const given = axes === undefined || axes === null || isList(axes) ? axes : axes.axes;
  const { ndim } = x;
  if (given === undefined || given === null) return viewOf(x, reverseAxes(x));
  const order = given.map((axis) => normalizeAxis(axis, ndim));
  if (order.length !== ndim || new Set(order).size !== ndim) {
    throw new ValueError(
      `transpose: axes [${order.join(", ")}] are not a permutation of the ${ndim} axes of the array`,
    );
  }
  return viewOf(x, permuteAxes(x, order));
}

/** Two axes exchanged, as a view (NumPy's `swapaxes`). */
export function swapaxes(x: NdArray, axis1: number, axis2: number): NdArray {
  const order = x.shape.map((_, i) => i);
  const a = normalizeAxis(axis1, x.ndim, "axis1");
  const b = normalizeAxis(axis2, x.ndim, "axis2");
  order[a] = b;
  order[b] = a;
  return viewOf(x, permuteAxes(x, order));
}

/** Axes moved to other positions, the rest in their old order, as a view (NumPy's `moveaxis`). */
export function moveaxis(
  x: NdArray,
  source: number | readonly number[],
  destination: number | readonly number[],
): NdArray {
  const from = axisList(source, x.ndim, "source");
  const to = axisList(destination, x.ndim, "destination");
  if (from.length !== to.length) {
    throw new ValueError(`moveaxis: source and destination have different lengths, ${from.length} and ${to.length}`);
  }
  const order = x.shape.map((_, i) => i).filter((i) => !from.includes(i));
  const moves = to
    .map((position, i) => ({ position, axis: from[i] as number }))
    .sort((a, b) => a.position - b.position);
  for (const { position, axis } of moves) order.splice(position, 0, axis);
  return viewOf(x, permuteAxes(x, order));
}

/** Axis `axis` moved backwards until it lies before axis `start` (0 by default), as a view (NumPy's `rollaxis`). */
export function rollaxis(x: NdArray, axis: number, options: number | { readonly start?: number } = {}): NdArray {
  const from = normalizeAxis(axis, x.ndim);
  const start = typeof options === "number" ? options : (options.start ?? 0);
  const before = start === x.ndim ? start : normalizeAxis(start, x.ndim, "start");
  const order = x.shape.map((_, i) => i).filter((i) => i !== from);
  order.splice(from < before ? before - 1 : before, 0, from);
  return viewOf(x, permuteAxes(x, order));
}

function isList(value: Exclude<AxesOrder, null>): value is readonly number[] {
  return Array.isArray(value);
}

function axisList(axes: number | readonly number[], ndim: number, name: string): number[] {
  const list = (typeof axes === "number" ? [axes] : axes).map((axis) => normalizeAxis(axis, ndim, name));
  if (new Set(list).size !== list.length)
    throw new ValueError(`moveaxis: repeated axis in ${name} [${list.join(", ")}]`);
  return list;
}
