import { scope } from "../memory/scope.js";
import type { NdArray } from "../ndarray.js";
import { normalizeAxis } from "../shape.js";
import { flatSelection } from "./flat-selection.js";
import { gather } from "./gather.js";
import { indexArray, type IndexArray, type IndexMode } from "./index-array.js";
import type { IndexList } from "./parse.js";
import { selection } from "./selection.js";

/** Options of {@link take}. */
export interface TakeOptions {
  /** The axis to pick along; the flattened array if it is not given. */
  readonly axis?: number | null;
  /** Positions outside the axis are an error ("raise", the default), wrap around, or mean the nearest end ("clip"). */
  readonly mode?: IndexMode;
}

/**
 * Elements at given positions along an axis (NumPy's `take`): shape `x.shape` with the axis replaced by the shape of
 * `indices`.
 *
 * @throws IndexError if a position is out of range; see `getItem` for devices that cannot be read synchronously.
 */
export function take(
  x: NdArray,
  indices: NdArray | number | IndexList,
  options?: number | null | TakeOptions,
  more?: TakeOptions,
): NdArray {
  const { axis: given = null, mode } =
    typeof options === "number" || options === null ? { ...more, axis: options } : { ...options };
  return scope(() => {
    const list = typeof indices === "number" ? [indices] : indices;
    const place = (positions: IndexArray): IndexArray =>
      typeof indices === "number" ? { ...positions, shape: [] } : positions;
    if (given === null) return gather(x, flatSelection(x, place(indexArray(x.storage.backend, list, 0, x.size, mode))));
    const axis = normalizeAxis(given, x.ndim);
    const positions = place(indexArray(x.storage.backend, list, axis, x.shape[axis] as number, mode));
    const view = { shape: x.shape.toSpliced(axis, 1), strides: x.strides.toSpliced(axis, 1), offset: x.offset };
    return gather(x, selection(x, view, axis, [{ positions, stride: x.strides[axis] as number }]));
  });
}
