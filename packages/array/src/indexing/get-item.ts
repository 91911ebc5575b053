import { scope } from "../memory/scope.js";
import type { NdArray } from "../ndarray.js";
import { viewOf } from "../views.js";
import { basicView } from "./basic.js";
import { gather } from "./gather.js";
import { parseIndex, type Indices } from "./parse.js";
import { select } from "./selection.js";

/**
 * Elements by index, as NumPy's `x[...]`; `x.get(i, j)` is NumPy's `x[i, j]`.
 *
 * An index is a whole number (from the end if negative), a `slice()`, `newaxis`, `ellipsis`, an integer array or list of
 * positions, a bool array or list as a mask, or a list of such parts: `getItem(x, [0, slice(1)])` is `x[0, 1:]` and
 * `getItem(x, [[0, 2]])` picks rows 0 and 2. Numbers and slices give a view, arrays a copy; their axes go where NumPy puts
 * them.
 *
 * Positions are checked before anything is computed. On devices that cannot be read synchronously those in arrays are
 * clamped to the axis instead, and masks, on which the shape of the result depends, are refused.
 *
 * @throws IndexError if a position is out of range, there are too many parts, or a mask has another shape.
 */
export function getItem(x: NdArray, indices: Indices): NdArray {
  const steps = parseIndex(x.shape, indices);
  if (!steps.some(({ kind }) => kind === "pick")) return viewOf(x, basicView(x, steps));
  x.checkAlive();
  return scope(() => gather(x, select(x, steps)));
}
