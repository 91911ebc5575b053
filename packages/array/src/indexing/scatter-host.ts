import { decode, encode, storedView } from "../host.js";
import type { NdArray } from "../ndarray.js";
import type { DType, TypedArray } from "../dtype.js";

/** A table of so many elements is read faster as a whole than by rows. */
const smallTable = 4096;

/**
 * `table[numbers[i]] += values[i]` in order of i, by the host, for contiguous tables on devices that it can read at once.
 * Only the rows that change are moved, or the whole table if those are many.
 */
export function addRowsOnHost(table: NdArray, numbers: Int32Array, values: NdArray): void {
  const [rows, width] = table.shape as [number, number];
  const { dtype } = table;
  const added = values.dataSync();
  if (numbers.length * 4 >= rows || table.size <= smallTable) {
    const all = readRows(table, 0, rows);
    for (let i = 0; i < numbers.length; i++) {
      addRow(dtype, all, (numbers[i] as number) * width, added, i * width, width);
    }
    writeRows(table, 0, all);
    return;
  }
  const sums = new Map<number, TypedArray>();
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i] as number;
    let row = sums.get(number);
    if (row === undefined) {
      row = readRows(table, number, 1);
      sums.set(number, row);
    }
    addRow(dtype, row, 0, added, i * width, width);
  }
  for (const [number, row] of sums) writeRows(table, number, row);
}

function addRow(dtype: DType, to: TypedArray, start: number, from: TypedArray, first: number, width: number): void {
  if (dtype === "bool") {
    for (let k = 0; k < width; k++) if (from[first + k] !== 0) to[start + k] = 1;
  } else {
    for (let k = 0; k < width; k++) (to[start + k] as number) += from[first + k] as number;
  }
}

function readRows(table: NdArray, first: number, count: number): TypedArray {
  const { storage, dtype } = table;
  const rowBytes = (table.shape[1] as number) * table.itemsize;
  const start = table.offset * table.itemsize + first * rowBytes;
  const bytes = storage.backend.readSync?.(storage.buffer, start, count * rowBytes) ?? new Uint8Array();
  return decode(dtype, storedView(dtype, bytes));
}

function writeRows(table: NdArray, first: number, rows: TypedArray): void {
  const { storage, dtype } = table;
  const start = (table.offset + first * (table.shape[1] as number)) * table.itemsize;
  storage.backend.write(storage.buffer, start, encode(dtype, rows));
}
