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
import { checkArray, type ReductionOptions } from "../reductions/reduce.js";
import { normalizeAxes, sizeOf } from "../shape.js";
import { asRows, orderOfRows, pickColumns } from "../sorting/order.js";
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
  const axes = normalizeAxes(axis, x.ndim);
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const shape = keepdims
    ? x.shape.map((length, i) => (axes.includes(i) ? 1 : length))
    : kept.map((i) => x.shape[i] as number);
  return compose([x], () => {
    const lengths = axes.map((i) => x.shape[i] as number);
    const moved = viewOf(x, permuteAxes(x, [...kept, ...axes]));
    const flat = reshape(moved, [sizeOf(kept.map((i) => x.shape[i] as number)), sizeOf(lengths)]);
    const floats = astype(flat, floatingType(x.dtype), { copy: false });
    const { matrix, length } = asRows(floats, 1);
    const sorted = pickColumns(matrix, orderOfRows(matrix));
    const results = shares.map((share) => reshape(interpolated(sorted, length, share), shape));
    return typeof q === "number" ? (results[0] as NdArray) : stack(results);
  });
}

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
