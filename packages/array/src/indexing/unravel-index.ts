import { scope } from "../memory/scope.js";
import type { NdArray } from "../ndarray.js";
import { checkShape, sizeOf, type Shape } from "../shape.js";
import { unravel } from "./flat-selection.js";
import { indexArray, onDevice, valueErrors, type IndexArray } from "./index-array.js";

/**
 * Positions in the flattened array as positions along each axis of an array of `shape`: an int32 array for each (NumPy's
 * `unravel_index`).
 *
 * @throws ValueError if a position is out of range; see `getItem` for devices that cannot be read synchronously.
 */
export function unravelIndex(indices: NdArray, shape: Shape): NdArray[] {
  checkShape(shape);
  const { backend } = indices.storage;
  const positions = (): IndexArray => valueErrors("unravelIndex", () => indexArray(backend, indices, 0, sizeOf(shape)));
  return scope(() => unravel(positions(), shape).map((axis) => onDevice(axis, backend)));
}
