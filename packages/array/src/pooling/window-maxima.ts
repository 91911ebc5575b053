import { cpuPooling } from "../backends/cpu/pooling/index.js";
import { ascontiguousarray } from "../manipulation/copy.js";
import { NdArray } from "../ndarray.js";
import type { WindowGeometry } from "../routines.js";
import type { Shape } from "../shape.js";

/** Maxima of windows, and where in their windows they are. */
export interface WindowMaxima {
  /** Shape `(N, C, …outsize)`, dtype of the input. */
  readonly values: NdArray;
  /** Position of each in its flattened window, int32. */
  readonly places: NdArray;
}

/**
 * The largest element of every window of `x`, shape `(N, C, …)`, by a routine of the device; null if it has none for these
 * windows, so that they have to be searched by other functions. A NaN is larger than anything, the first of equals counts, and what lies
 * outside of `x` is minus infinity. Arguments are not checked.
 *
 * @param outsize - Number of windows along each spatial axis.
 */
export function windowMaxima(x: NdArray, outsize: Shape, geometry: WindowGeometry): WindowMaxima | null {
  const { backend } = x.storage;
  const routine = backend.routines.windowMaxima ?? cpuPooling(backend).windowMaxima;
  if (routine === undefined || x.size === 0) return null;
  const shape = [...x.shape.slice(0, 2), ...outsize];
  const values = NdArray.allocate(backend, x.dtype, shape);
  const places = NdArray.allocate(backend, "int32", shape);
  const elements = ascontiguousarray(x);
  const done = routine(elements, values, places, geometry);
  if (elements !== x) elements.dispose();
  if (done) return { values, places };
  values.dispose();
  places.dispose();
  return null;
}

/**
 * Zeros of shape `(N, C, …insize)` to which every element of `gy`, shape `(N, C, …)`, has been added at its place in its window, by a
 * routine of the device; null if it has none. `places` are int32, as {@link windowMaxima} gives them; those that are no place in a
 * window, or in none of the input, are left out.
 */
export function putIntoWindows(gy: NdArray, places: NdArray, insize: Shape, geometry: WindowGeometry): NdArray | null {
  const { backend } = gy.storage;
  const routine = backend.routines.putIntoWindows ?? cpuPooling(backend).putIntoWindows;
  if (routine === undefined || gy.size === 0 || places.dtype !== "int32") return null;
  const gx = NdArray.allocate(backend, gy.dtype, [...gy.shape.slice(0, 2), ...insize]);
  const [elements, at] = [ascontiguousarray(gy), ascontiguousarray(places)];
  const done = routine(elements, at, gx, geometry);
  if (elements !== gy) elements.dispose();
  if (at !== places) at.dispose();
  if (done) return gx;
  gx.dispose();
  return null;
}
