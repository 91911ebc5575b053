import type { ArrayLikeValue } from "../creation/from-host.js";
import { resize } from "../manipulation/resize.js";
import { scope } from "../memory/scope.js";
import type { NdArray } from "../ndarray.js";
import { flatSelection } from "./flat-selection.js";
import { indexArray, type IndexMode } from "./index-array.js";
import type { IndexList } from "./parse.js";
import { scatter } from "./scatter.js";
import { checkWritable, valueFor } from "./target.js";

/**
 * Writes values into the elements of the flattened array at given positions, in place (NumPy's `put`). Values are
 * repeated if there are fewer of them than positions.
 *
 * @returns `x`.
 * @throws IndexError if a position is out of range.
 */
export function put(
  x: NdArray,
  indices: NdArray | number | IndexList,
  values: ArrayLikeValue,
  options: { readonly mode?: IndexMode } = {},
): NdArray {
  checkWritable(x);
  scope(() => {
    const list = typeof indices === "number" ? [indices] : indices;
    const selected = flatSelection(x, indexArray(x.storage.backend, list, 0, x.size, options.mode));
    const source = valueFor(x, values);
    scatter(x, selected, typeof source === "number" ? source : resize(source, selected.shape));
  });
  return x;
}
