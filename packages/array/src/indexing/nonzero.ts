import { fromElements } from "../creation/from-host.js";
import type { NdArray } from "../ndarray.js";
import { truePositions } from "./index-array.js";
import { readNow } from "./read-now.js";

/**
 * Positions of the elements that are not 0 (NaN is not), in C order: an int32 array for each axis (NumPy's `nonzero`).
 *
 * @throws DeviceError on devices that cannot be read synchronously: use `await nonzeroAsync(x)`.
 */
export function nonzero(x: NdArray): NdArray[] {
  return listed(x, positionsNow(x, "nonzero"));
}

/** {@link nonzero} on devices of every kind. */
export async function nonzeroAsync(x: NdArray): Promise<NdArray[]> {
  return listed(x, truePositions(await x.data(), axesOf(x)));
}

/**
 * Positions of the elements that are not 0, as an int32 array with a row for each (NumPy's `argwhere`).
 *
 * @throws DeviceError as {@link nonzero}.
 */
export function argwhere(x: NdArray): NdArray {
  const found = positionsNow(x, "argwhere");
  const count = (found[0] as Int32Array).length;
  const { ndim } = x;
  const rows = new Int32Array(count * ndim);
  for (let axis = 0; axis < ndim; axis++) {
    const list = found[axis] as Int32Array;
    for (let i = 0; i < count; i++) rows[i * ndim + axis] = list[i] as number;
  }
  return fromElements(rows, "int32", [count, ndim], x.storage.backend);
}

/**
 * Positions in the flattened array of the elements that are not 0 (NumPy's `flatnonzero`).
 *
 * @throws DeviceError as {@link nonzero}.
 */
export function flatnonzero(x: NdArray): NdArray {
  const positions = truePositions(readNow(x, "flatnonzero", remedy), [x.size])[0] as Int32Array;
  return fromElements(positions, "int32", [positions.length], x.storage.backend);
}

const remedy = "use await nonzeroAsync(x)";

function positionsNow(x: NdArray, name: string): Int32Array[] {
  return truePositions(readNow(x, name, remedy), axesOf(x));
}

/** A 0-d array counts as one of one element here. */
function axesOf(x: NdArray): readonly number[] {
  return x.ndim === 0 ? [1] : x.shape;
}

function listed(x: NdArray, positions: readonly Int32Array[]): NdArray[] {
  return positions.map((list) => fromElements(list, "int32", [list.length], x.storage.backend));
}
