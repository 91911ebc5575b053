import { ValueError } from "../errors.js";
import { copy } from "../manipulation/copy.js";
import { NdArray } from "../methods.js";
import { borrow } from "../views.js";

/** Options of {@link meshgrid}. */
export interface MeshgridOptions {
  /** "xy" (the default): the first array runs along axis 1 and the second along axis 0; "ij": in order. */
  readonly indexing?: "xy" | "ij";
  /** Whether axes of length 1 stay as they are instead of being repeated. */
  readonly sparse?: boolean;
}

/**
 * Coordinate matrices from coordinate vectors: for every array one of the shape that all of them span (NumPy's
 * `meshgrid`). Options come last.
 *
 * @throws ValueError if an array has more than one axis.
 */
export function meshgrid(...args: (NdArray | MeshgridOptions)[]): NdArray[] {
  const arrays = args.filter((arg) => arg instanceof NdArray);
  const options = args.find((arg): arg is MeshgridOptions => !(arg instanceof NdArray)) ?? {};
  const swap = (options.indexing ?? "xy") === "xy" && arrays.length > 1;
  for (const { ndim } of arrays) {
    if (ndim > 1) throw new ValueError(`meshgrid: arrays have at most one axis, got ${ndim}`);
  }
  const axisOf = (i: number): number => (swap && i < 2 ? 1 - i : i);
  const shape = arrays.map((_, axis) => (arrays[axisOf(axis)] as NdArray).size);
  return arrays.map((x, i) => {
    const own = axisOf(i);
    const view = {
      shape: shape.map((length, axis) => (axis === own || options.sparse !== true ? length : 1)),
      strides: shape.map((_, axis) => (axis === own ? (x.strides[0] ?? 0) : 0)),
      offset: x.offset,
    };
    return copy(borrow(x, view));
  });
}
