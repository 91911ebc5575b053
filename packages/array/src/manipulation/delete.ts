import { take } from "../indexing/take.js";
import type { NdArray } from "../ndarray.js";
import { axisFrom, type OptionalAxis } from "../options.js";
import { normalizeAxis } from "../shape.js";
import { resolvePositions, type Positions } from "./positions.js";
import { ravel } from "./ravel.js";

/**
 * A copy without given positions of an axis, or of the flattened array if there is none (NumPy's `delete`; exported under
 * that name too, for `nx.delete(…)`).
 *
 * @throws IndexError if a position is out of range.
 */
export function deleteAt(x: NdArray, positions: Positions, options?: OptionalAxis): NdArray {
  const given = axisFrom(options, null);
  if (given === null && x.ndim !== 1) {
    const flat = ravel(x);
    const result = deleteAt(flat, positions, { axis: 0 });
    flat.dispose();
    return result;
  }
  const axis = normalizeAxis(given ?? 0, x.ndim);
  const length = x.shape[axis] as number;
  const dropped = new Set(resolvePositions("delete", positions, length, length));
  return take(
    x,
    Array.from({ length }, (_, i) => i).filter((i) => !dropped.has(i)),
    { axis },
  );
}
