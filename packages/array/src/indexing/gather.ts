/** Reading the elements of a selection into a new array. */
import { elementwise } from "../kernel/elementwise.js";
import { backendOf } from "../kernel/launch.js";
import type { Expr } from "../kernel/expr.js";
import { add, idiv } from "../kernel/ops.js";
import { fromElements } from "../creation/from-host.js";
import { NdArray } from "../ndarray.js";
import { contiguousStrides, isContiguous, sizeOf } from "../shape.js";
import { borrow } from "../views.js";
import { hostPositions, positionOperands, spanArray, type Selection } from "./selection.js";

const gatherKernel = elementwise("gather", { buffers: ["x"] }, (before: Expr, picked: Expr, after: Expr, { x }) =>
  x.at(add(add(before, picked), after)),
);

const rowNumbers = elementwise("row_numbers", (position: Expr, width: Expr) => idiv(position, width));

const addPositions = elementwise("add_positions", (before: Expr, picked: Expr, after: Expr) =>
  add(add(before, picked), after),
);

/** A new array of the selected elements of `x`. */
export function gather(x: NdArray, selection: Selection): NdArray {
  const { backend } = x.storage;
  const out = NdArray.allocate(backend, x.dtype, selection.shape);
  if (out.size === 0) return out;
  if (backend.routines.gather !== undefined) {
    const rows = rowSelection(x, selection);
    if (rows !== null && rows.width > 1) {
      const numbers = rows.numbers();
      backendOf("getItem", [x, numbers]);
      backend.routines.gather(rows.table, numbers, asTable(out, rows.width));
      return out;
    }
  }
  const { shape, operands } = positionOperands(selection, backend);
  const target = borrow(out, { shape, strides: contiguousStrides(shape), offset: 0 });
  gatherKernel.into(target, ...operands, { x: spanArray(x, selection) });
  return out;
}

/** Rows of a contiguous table. */
export interface RowSelection {
  readonly width: number;
  /** The memory of the array as rows of `width`. */
  readonly table: NdArray;
  /** Which rows, where that is known. */
  readonly host: Int32Array | null;
  /** Which rows, as a contiguous int32 array. */
  numbers(): NdArray;
}

/** The selection as rows, where it is one: contiguous stretches of equal length that start at multiples of it. */
export function rowSelection(x: NdArray, { outer, inner, picked, span, count }: Selection): RowSelection | null {
  if (outer.shape.length > 0 || !isContiguous(inner.shape, inner.strides)) return null;
  const width = sizeOf(inner.shape);
  if (width === 0 || span.length % width !== 0) return null;
  const table = borrow(x, { shape: [span.length / width, width], strides: [width, 1], offset: span.start });
  const { host } = picked;
  if (host === null) {
    if (!startsAligned(x, width)) return null;
    const numbers = (): NdArray =>
      borrow(rowNumbers(picked.device, width), { shape: [count], strides: [1], offset: 0 });
    return { width, table, host, numbers };
  }
  const rows = new Int32Array(host.length);
  for (let i = 0; i < rows.length; i++) {
    const position = host[i] as number;
    if (position % width !== 0) return null;
    rows[i] = position / width;
  }
  return { width, table, host: rows, numbers: () => fromElements(rows, "int32", [count], x.storage.backend) };
}

/** The selection as rows of one element. */
export function elementSelection(x: NdArray, selection: Selection): RowSelection {
  const { length, start } = selection.span;
  const { backend } = x.storage;
  const host = hostPositions(selection);
  const numbers = (): NdArray => {
    if (host !== null) return fromElements(host, "int32", [host.length], backend);
    const positions = addPositions(...positionOperands(selection, backend).operands);
    return borrow(positions, { shape: [positions.size], strides: [1], offset: 0 });
  };
  return { width: 1, table: borrow(x, { shape: [length, 1], strides: [1, 1], offset: start }), host, numbers };
}

/** A contiguous array as rows of `width`. */
export function asTable(x: NdArray, width: number): NdArray {
  return borrow(x, { shape: [x.size / width, width], strides: [width, 1], offset: x.offset });
}

/** Whether rows start at multiples of `width` whatever their numbers are: x is a contiguous table of such rows. */
function startsAligned(x: NdArray, width: number): boolean {
  let rest = 1;
  for (let axis = x.ndim - 1; axis >= 0 && rest < width; axis--) rest *= x.shape[axis] as number;
  return x.contiguous && rest === width;
}
