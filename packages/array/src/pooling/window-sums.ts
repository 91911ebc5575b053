import { ascontiguousarray } from "../manipulation/copy.js";
import { NdArray } from "../ndarray.js";
import type { WindowGeometry } from "../routines.js";
import type { Shape } from "../shape.js";

/**
 * The sum of every window of `x`, shape `(N, C, …)`, times `scale`, by a routine of the device; null if it has none for these
 * windows. What lies outside of `x` is 0. Arguments are not checked.
 *
 * @param outsize - Number of windows along each spatial axis.
 */
export function windowSums(x: NdArray, outsize: Shape, geometry: WindowGeometry, scale: number): NdArray | null {
  const routine = x.storage.backend.routines.windowSums;
  return routine === undefined ? null : run(x, outsize, (from, to) => routine(from, to, geometry, scale));
}

/**
 * Zeros of shape `(N, C, …insize)` to which every element of `gy`, shape `(N, C, …)`, times `scale`, has been added all over its
 * window, by a routine of the device; null if it has none for these windows.
 */
export function spreadOverWindows(gy: NdArray, insize: Shape, geometry: WindowGeometry, scale: number): NdArray | null {
  const routine = gy.storage.backend.routines.spreadOverWindows;
  return routine === undefined ? null : run(gy, insize, (from, to) => routine(from, to, geometry, scale));
}

function run(x: NdArray, lengths: Shape, routine: (from: NdArray, to: NdArray) => boolean): NdArray | null {
  if (x.size === 0) return null;
  const result = NdArray.allocate(x.storage.backend, x.dtype, [...x.shape.slice(0, 2), ...lengths]);
  const elements = ascontiguousarray(x);
  const done = routine(elements, result);
  if (elements !== x) elements.dispose();
  if (done) return result;
  result.dispose();
  return null;
}
