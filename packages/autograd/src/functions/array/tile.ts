import { ValueError } from "@chain/array";
import type { Variable, VariableLike } from "../../variable.js";
import { reshape } from "./reshape.js";
import { broadcastTo } from "./broadcast-to.js";

/**
 * Lays copies of an array side by side.
 *
 * Follows Chainer's `tile`.
 *
 * @param reps - How many along each axis. Of array and list, the shorter one gets ones in front.
 * @throws ValueError if a number of copies is negative.
 */
export function tile(x: VariableLike, reps: number | readonly number[]): Variable {
  const given = typeof reps === "number" ? [reps] : reps;
  if (!given.every((count) => Number.isInteger(count) && count >= 0)) {
    throw new ValueError(`tile: reps are whole numbers from 0 up, got ${given.join(", ")}`);
  }
  const ndim = Math.max(x.ndim, given.length);
  const counts = [...new Array<number>(ndim - given.length).fill(1), ...given];
  const shape = [...new Array<number>(ndim - x.ndim).fill(1), ...x.shape];
  if (counts.every((count) => count === 1)) return reshape(x, shape);
  const apart = reshape(
    x,
    shape.flatMap((length) => [1, length]),
  );
  const repeated = broadcastTo(
    apart,
    shape.flatMap((length, axis) => [counts[axis] as number, length]),
  );
  return reshape(
    repeated,
    shape.map((length, axis) => length * (counts[axis] as number)),
  );
}
