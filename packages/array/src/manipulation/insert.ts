import { filled } from "../creation/filled.js";
import { fromHost, type ArrayLikeValue } from "../creation/from-host.js";
import { ValueError } from "../errors.js";
import { Slice } from "../indexing/slice.js";
import { take } from "../indexing/take.js";
import { scope } from "../memory/scope.js";
import { NdArray } from "../ndarray.js";
import { axisFrom, type OptionalAxis } from "../options.js";
import { normalizeAxis } from "../shape.js";
import { borrow, permuteAxes, withLeadingAxes, type View } from "../views.js";
import { concatenate } from "./concatenate.js";
import { checkFits, copyto } from "./copy.js";
import { resolvePositions, type Positions } from "./positions.js";
import { ravel } from "./ravel.js";

/**
 * A copy with values inserted before given positions of an axis, or of the flattened array if there is none (NumPy's
 * `insert`). At one position as many are inserted as `values` has along the axis, else one at each position. Values
 * broadcast and are converted to `x`'s dtype.
 *
 * @throws IndexError if a position is out of range, ValueError if the values do not broadcast.
 */
export function insert(x: NdArray, positions: Positions, values: ArrayLikeValue, options?: OptionalAxis): NdArray {
  const given = axisFrom(options, null);
  if (given === null && x.ndim !== 1) {
    return scope(() => {
      const flat = ravel(x);
      const result = insert(flat, positions, values, { axis: 0 });
      flat.dispose();
      return result;
    });
  }
  const axis = normalizeAxis(given ?? 0, x.ndim);
  const length = x.shape[axis] as number;
  const places = resolvePositions("insert", positions, length, length + 1);
  return scope(() => {
    const added = valueArray(x, values);
    const single = places.length === 1 && !(positions instanceof Slice);
    const view = single ? asBlock(added, x.ndim, axis, typeof positions === "number") : added;
    const count = single ? (view.shape[axis] as number) : places.length;
    const shape = x.shape.with(axis, count);
    checkFits(view.shape, shape);
    const block = NdArray.allocate(x.storage.backend, x.dtype, shape);
    copyto(block, borrow(added, view));
    const order = orderOf(length, single ? new Array<number>(count).fill(places[0] as number) : places);
    return take(concatenate([x, block], { axis }), order, { axis });
  });
}

function valueArray(x: NdArray, values: ArrayLikeValue): NdArray {
  if (values instanceof NdArray) return values;
  return typeof values === "number"
    ? filled([], values, x.dtype, x.storage.backend)
    : fromHost(values, { dtype: x.dtype, device: x.device });
}

/** Values with all axes of the target; for a plain position their first axis goes along `axis`, as in NumPy. */
function asBlock(values: NdArray, ndim: number, axis: number, plain: boolean): View {
  const view = withLeadingAxes(values, ndim);
  if (view.shape.length > ndim)
    throw new ValueError(`insert: values have ${view.shape.length} axes, the array ${ndim}`);
  if (!plain) return view;
  const others = view.shape.map((_, i) => i).slice(1);
  return permuteAxes(view, others.toSpliced(axis, 0, 0));
}

/** For each position of the result, which element it is: one of `length` old ones, or one of those that follow them. */
function orderOf(length: number, places: readonly number[]): number[] {
  const order: number[] = [];
  const sorted = places.map((place, i) => ({ place, i })).sort((a, b) => a.place - b.place || a.i - b.i);
  let next = 0;
  for (const { place, i } of sorted) {
    while (next < place) order.push(next++);
    order.push(length + i);
  }
  while (next < length) order.push(next++);
  return order;
}
