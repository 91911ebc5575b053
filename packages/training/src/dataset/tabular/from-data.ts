import { NdArray, ValueError } from "@chain/array";
import { lengthOf, type Columns, type ColumnValues, type TabularSource } from "./columns.js";
import { DelegateDataset, type TabularDataset } from "./tabular-dataset.js";
import { columnsSource, joined, transformed } from "./views.js";

/** What a column is made of: its values, or a function that computes the one of each row. */
export type ColumnData = ColumnValues | ((index: number) => unknown);

type ValuesOfData<D> = D extends (index: number) => infer T ? readonly T[] : D extends ColumnValues ? D : never;

/** Columns under names. */
type NamedColumns<D extends Readonly<Record<string, ColumnData>>> = readonly {
  [K in keyof D & string]: readonly [K, ValuesOfData<D[K]>];
}[keyof D & string][];

/** Columns whose keys are their positions. */
type NumberedColumns<A extends readonly ColumnValues[]> = {
  readonly [I in keyof A]: readonly [I & string, A[I]];
};

/** Options of {@link fromData}. */
export interface FromDataOptions {
  /** Number of rows, where functions compute all columns. */
  readonly size?: number;
}

/**
 * A table of columns (Chainer's `from_data`): of a dictionary of them, whose examples are dictionaries, or of one by itself.
 * A column is a list, an array whose first axis counts the rows, or a function of a row's position.
 *
 * ```ts
 * const table = tabular.fromData({ x: images, t: labels, name: (i) => `image ${i}` });
 * ```
 *
 * @throws ValueError if lengths differ, or there is none.
 */
export function fromData<const D extends Readonly<Record<string, ColumnData>>>(
  data: D,
  options?: FromDataOptions,
): TabularDataset<NamedColumns<D>, "dict">;
export function fromData<V extends ColumnValues>(data: V): TabularDataset<readonly [readonly ["0", V]], null>;
export function fromData(
  data: ColumnValues | Readonly<Record<string, ColumnData>>,
  { size }: FromDataOptions = {},
): TabularDataset<Columns, "dict" | null> {
  if (isColumn(data)) return new DelegateDataset<Columns, null>(columnsSource(["0"], null, [data]));
  const columns = Object.entries(data);
  const [sized] = columns.flatMap(([, column]) => (typeof column === "function" ? [] : [column]));
  const length = size ?? (sized === undefined ? undefined : lengthOf(sized));
  if (length === undefined) throw new ValueError("a table of functions alone needs a size");
  const [first, ...others] = columns.map(([key, column]): TabularSource => {
    if (typeof column !== "function") return columnsSource([key], null, [column]);
    return transformed(rowNumbers(length), key, (index) => column(index as number));
  });
  if (first === undefined) throw new ValueError("a table needs at least one column");
  return new DelegateDataset<Columns, "dict">({ ...joined(first, others), mode: "dict" });
}

/**
 * A table of columns whose keys are their positions, `"0"`, `"1"`, …, and whose examples are lists.
 *
 * @throws ValueError if lengths differ.
 */
export function fromArrays<const A extends readonly ColumnValues[]>(
  ...arrays: A
): TabularDataset<NumberedColumns<A>, "tuple"> {
  return new DelegateDataset<NumberedColumns<A>, "tuple">(columnsSource(Object.keys(arrays), "tuple", arrays));
}

/** A table that numbers its rows. */
function rowNumbers(length: number): TabularSource {
  return {
    length,
    keys: ["index"],
    mode: null,
    getExamples: (indices) => [indices ?? Int32Array.from({ length }, (_, i) => i)],
  };
}

function isColumn(data: ColumnValues | Readonly<Record<string, ColumnData>>): data is ColumnValues {
  return Array.isArray(data) || ArrayBuffer.isView(data) || data instanceof NdArray;
}
