import type { NdArray } from "../ndarray.js";
import { ValueError } from "../errors.js";
import { normalizeAxis } from "../shape.js";

/**
 * New axes of length 1, as a view (NumPy's `expand_dims`). `axis` counts in the result's axes and may be a list.
 *
 * @throws ValueError if an axis is out of range or repeated.
 */
export function expandDims(x: NdArray, axis: number | readonly number[]): NdArray {
  const list = typeof axis === "number" ? [axis] : axis;
  const ndim = x.ndim + list.length;
  const added = new Set(list.map((a) => normalizeAxis(a, ndim)));
  if (added.size !== list.length) throw new ValueError(`expandDims: repeated axis in [${list.join(", ")}]`);
  const shape: number[] = [];
  const strides: number[] = [];
  let next = 0;
  for (let i = 0; i < ndim; i++) {
    const isNew = added.has(i);
    shape.push(isNew ? 1 : (x.shape[next] as number));
    strides.push(isNew ? 0 : (x.strides[next++] as number));
  }
  return x.view(shape, strides, x.offset);
}
