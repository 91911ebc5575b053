import { IndexError, ValueError } from "../errors.js";
import { readNow } from "../indexing/read-now.js";
import { Slice } from "../indexing/slice.js";
import { NdArray } from "../ndarray.js";

/** Places along an axis: a position, a list or integer array of them, a mask, or a slice. */
export type Positions = number | readonly number[] | readonly boolean[] | NdArray | Slice;

/**
 * Resolves places to positions from 0 up, below `limit` (the length of the axis, or one more for places between
 * elements).
 *
 * @throws IndexError if one is out of range, ValueError if a mask has another length than the axis.
 */
export function resolvePositions(name: string, given: Positions, length: number, limit: number): number[] {
  if (given instanceof Slice) {
    const { start, count, step } = given.resolve(length);
    return Array.from({ length: count }, (_, i) => start + i * step);
  }
  const list = listOf(name, given);
  if (isMask(given)) {
    if (list.length !== length) {
      throw new ValueError(`${name}: a mask of ${list.length} does not go with an axis of length ${length}`);
    }
    return list.flatMap((on, i) => (on === 0 ? [] : [i]));
  }
  return list.map((position) => {
    const at = position < 0 ? position + length : position;
    if (!Number.isInteger(position) || at < 0 || at >= limit) {
      throw new IndexError(`${name}: position ${position} is out of bounds for an axis of length ${length}`);
    }
    return at;
  });
}

function listOf(name: string, given: Exclude<Positions, Slice>): number[] {
  if (given instanceof NdArray) return [...readNow(given, name, "give the positions as a list")];
  return typeof given === "number" ? [given] : given.map(Number);
}

function isMask(given: Exclude<Positions, Slice>): boolean {
  if (given instanceof NdArray) return given.dtype === "bool";
  return typeof given !== "number" && given.length > 0 && typeof given[0] === "boolean";
}
