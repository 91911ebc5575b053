import type { NdArray } from "../ndarray.js";
import { checkShape, type Shape } from "../shape.js";
import { borrow, withLeadingAxes } from "../views.js";
import { copyReshaped } from "./copy.js";

/** `x` repeated as a whole, `reps` times along each axis (NumPy's `tile`); a number counts for the last axis. */
export function tile(x: NdArray, reps: number | Shape): NdArray {
  const given = typeof reps === "number" ? [reps] : reps;
  checkShape(given);
  const ndim = Math.max(given.length, x.ndim);
  const view = withLeadingAxes(x, ndim);
  const counts = [...new Array<number>(ndim - given.length).fill(1), ...given];
  // Each axis becomes two, of which the first goes nowhere.
  const repeated = {
    shape: view.shape.flatMap((length, i) => [counts[i] as number, length]),
    strides: view.strides.flatMap((stride) => [0, stride]),
    offset: view.offset,
  };
  return copyReshaped(
    borrow(x, repeated),
    view.shape.map((length, i) => length * (counts[i] as number)),
  );
}
