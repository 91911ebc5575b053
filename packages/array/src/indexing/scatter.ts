/** Writing into the elements of a selection: replacing them, or adding to them. */
import { filled, storable } from "../creation/filled.js";
import { fromElements } from "../creation/from-host.js";
import { elementwise } from "../kernel/elementwise.js";
import type { Expr } from "../kernel/expr.js";
import { backendOf } from "../kernel/launch.js";
import { add, castLike, eq, ge, index, max, where } from "../kernel/ops.js";
import { reduction } from "../kernel/reduction.js";
import { copyto } from "../manipulation/copy.js";
import { NdArray } from "../ndarray.js";
import { contiguousStrides, sameShape, sizeOf } from "../shape.js";
import { borrow } from "../views.js";
import { asTable, elementSelection, rowSelection } from "./gather.js";
import { isReadable } from "./read-now.js";
import { addRowsOnHost } from "./scatter-host.js";
import { spanArray, type Selection } from "./selection.js";

/** Elements that a kernel passes over in about the time that another launch takes. */
const elementsPerLaunch = 1000;

/**
 * Replaces the selected elements of `x` by `value`, which broadcasts to the selection. Where a position occurs several
 * times, the last one wins.
 */
export function scatter(x: NdArray, selection: Selection, value: NdArray | number): void {
  const { count, shape, span, picked } = selection;
  if (sizeOf(shape) === 0) return;
  if (picked.host !== null && count * elementsPerLaunch <= span.length) {
    assignParts(x, selection, picked.host, value);
    return;
  }
  const memory = spanArray(x, selection);
  const elements = elementSelection(x, selection);
  const { host } = elements;
  const owners = host === null ? ownersOnDevice(memory, elements.numbers()) : ownersOnHost(memory, host);
  if (typeof value === "number") placeNumber.into(memory, memory, owners, storable(value, x.dtype));
  else placeValues.into(memory, memory, owners, { values: valuesOf(x, selection, value) });
}

/** Adds `value`, which broadcasts to the selection, to the selected elements of `x`; repeated positions accumulate. */
export function scatterAdd(x: NdArray, selection: Selection, value: NdArray | number): void {
  if (sizeOf(selection.shape) === 0) return;
  const rows = rowSelection(x, selection) ?? elementSelection(x, selection);
  const values = asTable(valuesOf(x, selection, value), rows.width);
  const { routines } = x.storage.backend;
  if (routines.scatterAdd !== undefined && x.dtype !== "bool") {
    const numbers = rows.numbers();
    backendOf("scatterAdd", [x, numbers, values]);
    routines.scatterAdd(values, numbers, rows.table);
  } else if (rows.host !== null && isReadable(x)) addRowsOnHost(rows.table, rows.host, values);
  else addRows(rows.table, rows.numbers(), values);
}

const rowSums = reduction("row_sums", {
  map: (number: Expr, row: Expr, value: Expr) => where(eq(number, row), value, castLike(0, value)),
  combine: add,
  identity: 0,
});
const accumulate = elementwise("accumulate", (x: Expr, sum: Expr) => add(x, sum));

/** `table[numbers[i]] += values[i]` for contiguous tables, by comparing every row's number with all of `numbers`. */
function addRows(table: NdArray, numbers: NdArray, values: NdArray): void {
  const { backend } = table.storage;
  const [rows, width] = table.shape as [number, number];
  const count = numbers.size;
  const sums = rowSums(
    borrow(numbers, { shape: [1, count, 1], strides: [0, 1, 0], offset: numbers.offset }),
    fromElements(
      Int32Array.from({ length: rows }, (_, i) => i),
      "int32",
      [rows, 1, 1],
      backend,
    ),
    borrow(values, { shape: [1, count, width], strides: [0, width, 1], offset: values.offset }),
    { axis: 1 },
  );
  accumulate.into(table, table, sums);
}

/** One assignment for each of the picked positions: the fastest way if they are few. */
function assignParts(x: NdArray, selection: Selection, positions: Int32Array, value: NdArray | number): void {
  const { outer, inner, after, shape, span } = selection;
  const target = { shape: [...outer.shape, ...inner.shape], strides: [...outer.strides, ...inner.strides] };
  const values = typeof value === "number" ? null : valuesOf(x, selection, value);
  const all = contiguousStrides(shape);
  const strides = [...all.slice(0, outer.shape.length), ...all.slice(shape.length - inner.shape.length)];
  positions.forEach((position, i) => {
    const part =
      values === null
        ? (value as number)
        : borrow(values, { shape: target.shape, strides, offset: values.offset + i * after.length });
    copyto(borrow(x, { ...target, offset: span.start + position }), part);
  });
}

const placeNumber = elementwise("place_number", (x: Expr, owner: Expr, value: Expr) =>
  where(ge(owner, 0), castLike(value, x), x),
);
const placeValues = elementwise("place_values", { buffers: ["values"] }, (x: Expr, owner: Expr, { values }) =>
  where(ge(owner, 0), values.at(max(owner, 0)), x),
);

/** For every element of `memory`, which element of the values it becomes, or -1. */
function ownersOnHost(memory: NdArray, positions: Int32Array): NdArray {
  const owners = new Int32Array(memory.size).fill(-1);
  for (let i = 0; i < positions.length; i++) owners[positions[i] as number] = i;
  return fromElements(owners, "int32", memory.shape, memory.storage.backend);
}

const lastOwner = reduction("last_owner", {
  map: (position: Expr, element: Expr) => where(eq(position, element), index, -1),
  combine: max,
  identity: -1,
});

/** As {@link ownersOnHost}, by comparing every position with every element of the memory. */
function ownersOnDevice(memory: NdArray, positions: NdArray): NdArray {
  const { backend } = memory.storage;
  const elements = Int32Array.from({ length: memory.size }, (_, i) => i);
  return lastOwner(
    borrow(positions, { shape: [1, positions.size], strides: [0, 1], offset: positions.offset }),
    fromElements(elements, "int32", [memory.size, 1], backend),
    { axis: 1 },
  );
}

/** `value` as a contiguous array of the selection's shape and `x`'s dtype that shares no memory with `x`. */
function valuesOf(x: NdArray, { shape }: Selection, value: NdArray | number): NdArray {
  const { backend } = x.storage;
  if (typeof value === "number") return filled(shape, value, x.dtype, backend);
  const usable =
    value.contiguous && value.dtype === x.dtype && value.storage !== x.storage && sameShape(value.shape, shape);
  if (usable) return value;
  const values = NdArray.allocate(backend, x.dtype, shape);
  copyto(values, value);
  return values;
}
