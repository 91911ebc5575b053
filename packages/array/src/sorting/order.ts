/** The order of rows, on every kind of device. */
import { fromElements } from "../creation/from-host.js";
import { elementwise } from "../kernel/elementwise.js";
import * as k from "../kernel/ops.js";
import { ascontiguousarray } from "../manipulation/copy.js";
import { reshape } from "../manipulation/reshape.js";
import { NdArray } from "../ndarray.js";
import { normalizeAxis } from "../shape.js";
import { permuteAxes, viewOf } from "../views.js";
import { rowSorter } from "./host-order.js";

/** An array's elements along one axis as rows of a contiguous matrix, and the way back. */
export interface Rows {
  readonly matrix: NdArray;
  readonly length: number;
  /** Puts the columns of a matrix with as many rows where the axis was. */
  readonly restore: (matrix: NdArray) => NdArray;
}

/** Brings `axis` of `x` last and flattens the others; for use in a scope. */
export function asRows(x: NdArray, axis: number): Rows {
  const along = normalizeAxis(axis, x.ndim);
  const others = x.shape.map((_, i) => i).filter((i) => i !== along);
  const moved = ascontiguousarray(viewOf(x, permuteAxes(x, [...others, along])));
  const batch = others.map((i) => x.shape[i] as number);
  const length = x.shape[along] as number;
  const count = batch.reduce((product, n) => product * n, 1);
  return {
    matrix: reshape(moved, [count, length]),
    length,
    restore: (matrix) => {
      const result = reshape(matrix, [...batch, matrix.shape[1] as number]);
      const back = x.shape.map((_, i) => (i === along ? others.length : others.indexOf(i)));
      return viewOf(result, permuteAxes(result, back));
    },
  };
}

/** Stable ascending order of the rows of a contiguous matrix, NaN last, as int32. */
export function orderOfRows(x: NdArray): NdArray {
  const { backend } = x.storage;
  if (x.size === 0) return NdArray.allocate(backend, "int32", x.shape);
  if (backend.routines.argsort !== undefined) {
    const out = NdArray.allocate(backend, "int32", x.shape);
    backend.routines.argsort(x, out);
    return out;
  }
  const length = x.shape[1] as number;
  const order = new Int32Array(x.size);
  const sort = rowSorter(x.dataSync(), x.dtype, length);
  for (let start = 0; start < x.size; start += length) sort(start, order);
  return fromElements(order, "int32", x.shape, backend);
}

const pickKernel = elementwise("pick_columns", { uints: ["width", "picked"], buffers: ["x"] }, (at, named) => {
  const row = k.idiv(k.index, k.cast(named.picked, "int32"));
  return named.x.at(k.add(k.mul(row, k.cast(named.width, "int32")), at));
});

/** `x[i, columns[i, j]]` for contiguous matrices with equally many rows. */
export function pickColumns(x: NdArray, columns: NdArray): NdArray {
  const [width, picked] = [x.shape[1] as number, columns.shape[1] as number];
  return pickKernel(columns, { width, picked, x });
}
