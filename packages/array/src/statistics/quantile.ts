import { floatingType } from "../dtype.js";
import { ValueError } from "../errors.js";
import { elementwise } from "../kernel/elementwise.js";
import * as k from "../kernel/ops.js";
import { astype } from "../manipulation/astype.js";
import { ascontiguousarray } from "../manipulation/copy.js";
import { reshape } from "../manipulation/reshape.js";
import { stack } from "../manipulation/stack.js";
import { compose } from "../math/compose.js";
import type { NdArray } from "../ndarray.js";
import { notEqual } from "../math/comparison.js";
import { checkArray, type ReductionOptions } from "../reductions/reduce.js";
import { sum } from "../reductions/sum.js";
import { normalizeAxes, sizeOf, type Axis, type Shape } from "../shape.js";
import { orderOfRows, pickColumns } from "../sorting/order.js";
import { borrow, permuteAxes, sliceAxis, viewOf } from "../views.js";

/** Options of {@link median}, {@link quantile} and {@link percentile}. */
export type QuantileOptions = Omit<ReductionOptions, "out">;

/**
 * The middle of the sorted elements, of an even number the mean of both (NumPy's `median`). NaN if there is one, or no
 * elements; integers give float32.
 */
export function median(x: NdArray, options?: QuantileOptions): NdArray {
  return quantile(x, 0.5, options);
}

/** {@link quantile} by percentages (NumPy's `percentile`). */
export function percentile(x: NdArray, q: number | readonly number[], options?: QuantileOptions): NdArray {
  return quantile(x, typeof q === "number" ? q / 100 : q.map((value) => value / 100), options);
}

/**
 * What a share `q` of the elements lies below, interpolated linearly (NumPy's `quantile`). A list of shares gives the
 * result an axis for them in front. NaN if there is one, or no elements; integers give float32.
 *
 * @throws ValueError if a share is not between 0 and 1.
 */
export function quantile(
  x: NdArray,
  q: number | readonly number[],
  { axis = null, keepdims = false }: QuantileOptions = {},
): NdArray {
  checkArray("quantile", x);
  const shares = typeof q === "number" ? [q] : q;
  for (const share of shares) {
    if (!(share >= 0 && share <= 1)) throw new ValueError(`quantile: shares lie between 0 and 1, got ${share}`);
  }
  return compose([x], () => {
    const { matrix, shape, length } = rowsOf(x, axis, keepdims);
    const sorted = pickColumns(matrix, orderOfRows(matrix));
    const results = shares.map((share) => reshape(interpolated(sorted, length, share), shape));
    return typeof q === "number" ? (results[0] as NdArray) : stack(results);
  });
}

/** What is to be reduced as rows of a contiguous matrix of a floating dtype, and the shape of the result. */
function rowsOf(x: NdArray, axis: Axis, keepdims: boolean): { matrix: NdArray; shape: Shape; length: number } {
  const axes = normalizeAxes(axis, x.ndim);
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const lengthsOf = (which: readonly number[]): number[] => which.map((i) => x.shape[i] as number);
  const shape = keepdims ? x.shape.map((length, i) => (axes.includes(i) ? 1 : length)) : lengthsOf(kept);
  const moved = viewOf(x, permuteAxes(x, [...kept, ...axes]));
  const length = sizeOf(lengthsOf(axes));
  const flat = reshape(moved, [sizeOf(lengthsOf(kept)), length]);
  return { matrix: ascontiguousarray(astype(flat, floatingType(x.dtype), { copy: false })), shape, length };
}

/**
 * The {@link median} of the elements that are not NaN (NumPy's `nanmedian`); NaN if there are none.
 */
export function nanmedian(x: NdArray, { axis = null, keepdims = false }: QuantileOptions = {}): NdArray {
  checkArray("nanmedian", x);
  return compose([x], () => {
    const { matrix, shape, length } = rowsOf(x, axis, keepdims);
    if (length === 0) return reshape(interpolated(matrix, 0, 0.5), shape);
    const sorted = pickColumns(matrix, orderOfRows(matrix));
    const count = sum(notEqual(matrix, matrix), { axis: 1, keepdims: true });
    const low = pickColumns(sorted, middleKernel(count, { length, up: 0 }));
    const high = pickColumns(sorted, middleKernel(count, { length, up: 1 }));
    return reshape(meanKernel(low, high), shape);
  });
}

/** Column of the lower or upper middle of a sorted row, of which some last elements do not count. */
const middleKernel = elementwise("nanmedian_column", { uints: ["length", "up"] }, (missing, { length, up }) => {
  const present = k.sub(k.cast(length, "int32"), missing);
  return k.max(k.shr(k.sub(present, k.sub(1, k.cast(up, "int32"))), 1), 0);
});

const meanKernel = elementwise("nanmedian", (low, high) =>
  k.where(k.eq(low, high), low, k.castLike(k.add(k.mul(low, 0.5), k.mul(high, 0.5)), low)),
);

const betweenKernel = elementwise("quantile", { scalars: ["part"] }, (low, high, largest, { part }) => {
  const exact = k.logicalOr(k.eq(part, 0), k.eq(low, high));
  const value = k.where(exact, low, k.add(low, k.mul(k.sub(high, low), part)));
  // NaN is sorted last.
  return k.castLike(k.where(k.isnan(largest), largest, value), low);
});

const nanKernel = elementwise("quantile_of_none", (x) => k.castLike(k.where(k.eq(x, x), NaN, NaN), x));

function interpolated(sorted: NdArray, length: number, share: number): NdArray {
  const rows = sorted.shape[0] as number;
  if (length === 0) {
    const none = reshape(ascontiguousarray(sorted), [0]);
    return nanKernel(borrow(none, { shape: [rows], strides: [0], offset: 0 }));
  }
  const position = share * (length - 1);
  const below = Math.floor(position);
  const column = (i: number): NdArray => borrow(sorted, sliceAxis(sorted, 1, i, 1));
  const last = column(length - 1);
  return betweenKernel(column(below), column(Math.min(below + 1, length - 1)), last, { part: position - below });
}
