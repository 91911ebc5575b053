import { ValueError } from "@chain/array";
import { expectAxis, expectThat } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { getItem } from "./get-item.js";
import { reshape } from "./reshape.js";
import { broadcastTo } from "./broadcast-to.js";
import { flatten } from "./flatten.js";
import { along } from "./along.js";

/** Options of {@link repeat}. */
export interface RepeatOptions {
  /** The axis along which elements are repeated; all elements in C order if it is not given. */
  readonly axis?: number | null;
}

/**
 * Repeats every element along an axis.
 *
 * Follows Chainer's `repeat`.
 *
 * @param repeats - How often: one number for all elements, or one for each.
 * @throws ValueError if a number of repeats is negative, InvalidType if there is no such axis or the numbers do not fit.
 */
export function repeat(
  x: VariableLike,
  repeats: number | readonly number[],
  { axis = null }: RepeatOptions = {},
): Variable {
  const counts = typeof repeats === "number" ? [repeats] : repeats;
  if (!counts.every((count) => Number.isInteger(count) && count >= 0)) {
    throw new ValueError(`repeat: repeats are whole numbers from 0 up, got ${counts.join(", ")}`);
  }
  if (axis === null) return repeatAlong(flatten(x), counts, 0);
  return repeatAlong(x, counts, expectAxis("repeat", "axis", axis, x.ndim));
}

function repeatAlong(x: VariableLike, counts: readonly number[], axis: number): Variable {
  const { shape } = x;
  const length = shape[axis] as number;
  const [count = 0] = counts;
  if (counts.length === 1) {
    const columns = reshape(x, shape.toSpliced(axis + 1, 0, 1));
    return reshape(broadcastTo(columns, shape.toSpliced(axis + 1, 0, count)), shape.with(axis, length * count));
  }
  expectThat("repeat", counts.length === length, `x.shape[${axis}] == ${counts.length} repeats`, `${length}`);
  return getItem(
    x,
    along(
      axis,
      counts.flatMap((times, position) => new Array<number>(times).fill(position)),
    ),
  );
}
