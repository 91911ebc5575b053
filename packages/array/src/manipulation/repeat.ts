import { ValueError } from "../errors.js";
import { readNow } from "../indexing/read-now.js";
import { take } from "../indexing/take.js";
import { NdArray } from "../ndarray.js";
import { axisFrom, type OptionalAxis } from "../options.js";
import { normalizeAxis } from "../shape.js";
import { borrow } from "../views.js";
import { copyReshaped } from "./copy.js";
import { ravel } from "./ravel.js";

/**
 * Every element repeated, `repeats` times or each as often as a list or integer array says, along an axis or in the
 * flattened array (NumPy's `repeat`).
 *
 * @throws ValueError if a count is negative, or there are not as many as elements.
 */
export function repeat(x: NdArray, repeats: number | readonly number[] | NdArray, options?: OptionalAxis): NdArray {
  const given = axisFrom(options, null);
  if (given === null && x.ndim !== 1) {
    const flat = ravel(x);
    const result = repeat(flat, repeats, { axis: 0 });
    flat.dispose();
    return result;
  }
  const axis = normalizeAxis(given ?? 0, x.ndim);
  const length = x.shape[axis] as number;
  const counts = countsOf(repeats);
  if (counts.length !== 1 && counts.length !== length) {
    throw new ValueError(`repeat: ${counts.length} counts do not go with an axis of length ${length}`);
  }
  for (const count of counts) {
    if (!Number.isInteger(count) || count < 0) {
      throw new ValueError(`repeat: counts are whole numbers from 0 up, got ${count}`);
    }
  }
  const [count] = counts;
  if (counts.length === 1 && count !== undefined) {
    const repeated = {
      shape: x.shape.toSpliced(axis + 1, 0, count),
      strides: x.strides.toSpliced(axis + 1, 0, 0),
      offset: x.offset,
    };
    return copyReshaped(borrow(x, repeated), x.shape.with(axis, length * count));
  }
  return take(
    x,
    counts.flatMap((times, i) => new Array<number>(times).fill(i)),
    { axis },
  );
}

function countsOf(repeats: number | readonly number[] | NdArray): readonly number[] {
  if (typeof repeats === "number") return [repeats];
  return repeats instanceof NdArray ? [...readNow(repeats, "repeat", "give the counts as a list")] : repeats;
}
