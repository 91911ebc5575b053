/** Reading the elements of a selection into a new array. */
import { elementwise } from "../kernel/elementwise.js";
import type { Expr } from "../kernel/expr.js";
import { add, idiv } from "../kernel/ops.js";
import { fromElements } from "../creation/from-host.js";
import { NdArray } from "../ndarray.js";
import { contiguousStrides, isContiguous } from "../shape.js";
import { borrow } from "../views.js";
import { positionOperands, spanArray, type Selection } from "./selection.js";

const gatherKernel = elementwise("gather", { buffers: ["x"] }, (before: Expr, picked: Expr, after: Expr, { x }) =>
  x.at(add(add(before, picked), after)),
);

const rowNumbers = elementwise("row_numbers", (position: Expr, width: Expr) => idiv(position, width));

/** A new array of the selected elements of `x`. */
export function gather(x: NdArray, selection: Selection): NdArray {
  const { backend } = x.storage;
  const out = NdArray.allocate(backend, x.dtype, selection.shape);
  if (out.size === 0) return out;
  const { before, after, count } = selection;
  const rows = rowSelection(x, selection);
  if (rows !== null && rows.width > 1 && backend.routines.gather !== undefined) {
    backend.routines.gather(
      rows.table,
      rows.numbers(),
      borrow(out, { shape: [count, rows.width], strides: [rows.width, 1], offset: 0 }),
    );
    return out;
  }
  const shape = [before.length, count, after.length];
  const target = borrow(out, { shape, strides: contiguousStrides(shape), offset: 0 });
  gatherKernel.into(target, ...positionOperands(selection, backend), { x: spanArray(x, selection) });
  return out;
}

/** Whole rows of a contiguous table. */
export interface RowSelection {
  readonly width: number;
  /** The memory of the array as rows of `width`. */
  readonly table: NdArray;
  /** Which rows, as a contiguous int32 array. */
  numbers(): NdArray;
}

/** The selection as rows, where it is one: contiguous stretches of equal length that start at multiples of it. */
export function rowSelection(x: NdArray, { outer, inner, picked, span, count }: Selection): RowSelection | null {
  if (outer.shape.length > 0 || !isContiguous(inner.shape, inner.strides)) return null;
  const width = inner.shape.reduce((product, length) => product * length, 1);
  if (width === 0 || span.length % width !== 0) return null;
  const { host } = picked;
  if (host !== null && !host.every((position) => position % width === 0)) return null;
  if (host === null && !startsAligned(x, width)) return null;
  const table = borrow(x, { shape: [span.length / width, width], strides: [width, 1], offset: span.start });
  return {
    width,
    table,
    numbers: () =>
      host === null
        ? borrow(rowNumbers(picked.device, width), { shape: [count], strides: [1], offset: 0 })
        : fromElements(
            host.map((position) => position / width),
            "int32",
            [count],
            x.storage.backend,
          ),
  };
}

/** Whether rows start at multiples of `width` whatever their numbers are: x is a contiguous table of such rows. */
function startsAligned(x: NdArray, width: number): boolean {
  let rest = 1;
  for (let axis = x.ndim - 1; axis >= 0 && rest < width; axis--) rest *= x.shape[axis] as number;
  return x.contiguous && rest === width;
}
