import { ValueError } from "../errors.js";
import type { NdArray } from "../ndarray.js";
import { normalizeAxis } from "../shape.js";
import { viewOf, type View } from "../views.js";

/** Options of {@link diagonal}. */
export interface DiagonalOptions {
  /** Which diagonal: 0 (the default) the main one, positive above it, negative below. */
  readonly offset?: number;
  /** The axes of the planes: 0 and 1 by default. */
  readonly axis1?: number;
  readonly axis2?: number;
}

/**
 * A diagonal of each plane of two axes, along a new last axis, as a view (NumPy's `diagonal`).
 *
 * @throws ValueError if the two axes are one, or out of range.
 */
export function diagonal(x: NdArray, options?: number | DiagonalOptions, more?: DiagonalOptions): NdArray {
  const {
    offset = 0,
    axis1 = 0,
    axis2 = 1,
  } = typeof options === "number" ? { ...more, offset: options } : { ...options };
  if (x.ndim < 2) throw new ValueError(`diagonal: needs an array of at least 2 axes, got ${x.ndim}`);
  const rows = normalizeAxis(axis1, x.ndim, "axis1");
  const columns = normalizeAxis(axis2, x.ndim, "axis2");
  if (rows === columns) throw new ValueError("diagonal: axis1 and axis2 must differ");
  return viewOf(x, diagonalView(x, offset, rows, columns));
}

/** The diagonal `offset` above the main one. */
export function diagonalView(view: View, offset: number, rows: number, columns: number): View {
  const [height, width] = [view.shape[rows] as number, view.shape[columns] as number];
  const [down, right] = [view.strides[rows] as number, view.strides[columns] as number];
  const length = Math.max(0, Math.min(height + Math.min(offset, 0), width - Math.max(offset, 0)));
  const others = (_: number, i: number): boolean => i !== rows && i !== columns;
  return {
    shape: [...view.shape.filter(others), length],
    strides: [...view.strides.filter(others), down + right],
    offset: length === 0 ? view.offset : view.offset + (offset > 0 ? offset * right : -offset * down),
  };
}
