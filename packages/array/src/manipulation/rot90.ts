import { ValueError } from "../errors.js";
import type { NdArray } from "../ndarray.js";
import { normalizeAxis } from "../shape.js";
import { permuteAxes, viewOf, type View } from "../views.js";
import { flipAxes } from "./flip.js";

/** Options of {@link rot90}. */
export interface Rot90Options {
  /** How many quarter turns; 1 by default. */
  readonly k?: number;
  /** The plane: turns go from the first of these axes towards the second; (0, 1) by default. */
  readonly axes?: readonly [number, number] | readonly number[];
}

/**
 * Quarter turns in the plane of two axes, as a view (NumPy's `rot90`).
 *
 * @throws ValueError if `axes` are not two different axes.
 */
export function rot90(x: NdArray, options: number | Rot90Options = {}, axes?: readonly number[]): NdArray {
  const { k = 1, axes: plane = axes ?? [0, 1] } = typeof options === "number" ? { k: options } : options;
  const [from, to] = plane.map((axis) => normalizeAxis(axis, x.ndim, "axes"));
  if (from === undefined || to === undefined || plane.length !== 2 || from === to || !Number.isInteger(k)) {
    throw new ValueError(
      `rot90: needs two different axes and a whole number of turns, got [${plane.join(", ")}] and ${k}`,
    );
  }
  return viewOf(x, turned(x, ((k % 4) + 4) % 4, from, to));
}

function turned(view: View, turns: number, from: number, to: number): View {
  if (turns === 0) return view;
  if (turns === 2) return flipAxes(view, [from, to]);
  const order = view.shape.map((_, i) => (i === from ? to : i === to ? from : i));
  return turns === 1 ? permuteAxes(flipAxes(view, [to]), order) : flipAxes(permuteAxes(view, order), [to]);
}
