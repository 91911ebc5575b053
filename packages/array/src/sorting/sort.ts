import { isFloating, type DType } from "../dtype.js";
import { ValueError } from "../errors.js";
import { elementwise } from "../kernel/elementwise.js";
import * as k from "../kernel/ops.js";
import { ascontiguousarray, copy, copyto } from "../manipulation/copy.js";
import { ravel } from "../manipulation/ravel.js";
import { perDType } from "../math/ufunc.js";
import { compose } from "../math/compose.js";
import type { NdArray } from "../ndarray.js";
import { checkArray } from "../reductions/reduce.js";
import { normalizeAxis } from "../shape.js";
import { borrow, sliceAxis } from "../views.js";
import { asRows, orderOfRows, pickColumns } from "./order.js";

/** Options of {@link sort} and {@link argsort}. */
export interface SortOptions {
  /** The axis to sort along, the last one by default; `null` for the flattened array. */
  readonly axis?: number | null;
}

/** A copy in ascending order along an axis, NaN last (NumPy's `sort`). */
export function sort(x: NdArray, { axis = -1 }: SortOptions = {}): NdArray {
  checkArray("sort", x);
  if (x.ndim === 0) return axisOfNone("sort", x, axis, () => copy(x));
  return compose([x], () => {
    const { matrix, restore } = asRows(axis === null ? ravel(x) : x, axis ?? -1);
    return ascontiguousarray(restore(pickColumns(matrix, orderOfRows(matrix))));
  });
}

/** Positions that would sort an axis in ascending order, equal elements in their old order, NaN last: int32 (NumPy's
 * `argsort` of kind "stable"). */
export function argsort(x: NdArray, { axis = -1 }: SortOptions = {}): NdArray {
  checkArray("argsort", x);
  if (x.ndim === 0) return axisOfNone("argsort", x, axis, () => zeroKernel(x));
  return compose([x], () => {
    const { matrix, restore } = asRows(axis === null ? ravel(x) : x, axis ?? -1);
    return ascontiguousarray(restore(orderOfRows(matrix)));
  });
}

const zeroKernel = elementwise("argsort_0", (x) => k.cast(k.ne(k.cast(x, "bool"), k.cast(x, "bool")), "int32"));

function axisOfNone(name: string, x: NdArray, axis: number | null, otherwise: () => NdArray): NdArray {
  if (axis === null || axis === -1 || axis === 0) return otherwise();
  normalizeAxis(axis, x.ndim, `${name}: axis`);
  return otherwise();
}

/** Sorts an array in place along an axis (NumPy's method `sort`). */
export function sortInPlace(x: NdArray, options: { readonly axis?: number } = {}): void {
  const sorted = sort(x, options);
  copyto(x, sorted);
  sorted.dispose();
}

/**
 * A copy in which element `kth` of every row is where sorting puts it, with none larger before and none smaller behind
 * (NumPy's `partition`). The rest is sorted too, which NumPy does not promise.
 *
 * @throws ValueError if `kth` is out of range.
 */
export function partition(x: NdArray, kth: number | readonly number[], options: SortOptions = {}): NdArray {
  checkKth("partition", x, kth, options);
  return sort(x, options);
}

/** Positions that {@link partition} takes the elements from (NumPy's `argpartition`). */
export function argpartition(x: NdArray, kth: number | readonly number[], options: SortOptions = {}): NdArray {
  checkKth("argpartition", x, kth, options);
  return argsort(x, options);
}

function checkKth(name: string, x: NdArray, kth: number | readonly number[], { axis = -1 }: SortOptions): void {
  const length = axis === null ? x.size : (x.shape[normalizeAxis(axis, x.ndim)] as number);
  for (const position of typeof kth === "number" ? [kth] : kth) {
    if (!Number.isInteger(position) || position < -length || position >= length) {
      throw new ValueError(`${name}: kth ${position} is out of bounds for an axis of length ${length}`);
    }
  }
}

/** Options of {@link topk}. */
export interface TopkOptions {
  /** The axis to choose along; the last one by default. */
  readonly axis?: number;
  /** The largest elements (the default) or the smallest. */
  readonly largest?: boolean;
}

/** Values in an order that is the reverse of their own; NaN stays NaN, and last. */
const reverseKernel = perDType((dtype: DType) =>
  elementwise("reverse_order", (x) => (isFloating(dtype) ? k.neg(x) : k.bitNot(x))),
);

/**
 * The `count` largest (or smallest) elements along an axis, best first, and their int32 positions; of equal elements the
 * first come first, and NaN is chosen last.
 *
 * @throws ValueError if the axis has fewer elements.
 */
export function topk(
  x: NdArray,
  count: number,
  { axis = -1, largest = true }: TopkOptions = {},
): [values: NdArray, indices: NdArray] {
  checkArray("topk", x);
  const length = x.shape[normalizeAxis(axis, x.ndim)] as number;
  if (!Number.isInteger(count) || count < 0 || count > length) {
    throw new ValueError(`topk: cannot choose ${count} of the ${length} elements along axis ${axis}`);
  }
  return compose([x], () => {
    const { matrix, restore } = asRows(x, axis);
    const order = orderOfRows(largest ? reverseKernel(x.dtype)(matrix) : matrix);
    const chosen = ascontiguousarray(borrow(order, sliceAxis(order, 1, 0, count)));
    return [ascontiguousarray(restore(pickColumns(matrix, chosen))), ascontiguousarray(restore(chosen))];
  });
}
