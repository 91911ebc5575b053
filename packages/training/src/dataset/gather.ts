import { array, NdArray, take, ValueError } from "@chain/array";
import type { ConvertedBatch, ConvertOptions } from "./converter.js";
import { exampleOf, type Dataset, type DatasetLike } from "./dataset.js";

/** Typed arrays that can be a column of a data set. */
export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array;

/** What a column of a data set is made from: a data set, a list, or an array whose first axis counts the examples. */
export type ColumnSource = DatasetLike<unknown> | NdArray | NumericArray;

/** The examples' type of a column. */
export type ColumnExample<C> = C extends NdArray
  ? NdArray
  : C extends NumericArray
    ? number
    : C extends Dataset<infer E>
      ? E
      : C extends readonly (infer E)[]
        ? E
        : never;

/** A data set that can put a whole minibatch together without making its examples one by one. */
export interface GatheringDataset {
  /** Whether all of its parts can. */
  readonly canGather: boolean;
  /** What `concatExamples` would make of the examples at `indices`. */
  gather(indices: Int32Array, options?: ConvertOptions): ConvertedBatch;
}

/** Whether whole minibatches can be taken out of a data set. */
export function isGathering(dataset: object): dataset is GatheringDataset {
  return "canGather" in dataset && dataset.canGather === true;
}

/** One column of a data set. */
export interface Column {
  readonly length: number;
  get(index: number): unknown;
  /** The examples at `indices` as one array, if the column can. */
  readonly gather: ((indices: Int32Array, options: ConvertOptions) => NdArray) | null;
}

/** Reads a column of whatever one is made from. */
export function columnOf(source: ColumnSource): Column {
  if (source instanceof NdArray) return arrayColumn(source);
  if (ArrayBuffer.isView(source)) return typedColumn(source);
  const dataset: DatasetLike<unknown> = source;
  const get = (index: number): unknown => exampleOf(dataset, index);
  return { length: dataset.length, get, gather: Array.isArray(dataset) ? numbersGatherer(dataset) : null };
}

/** The columns of a data set, after a check that they are equally long. */
export function columnsOf(sources: readonly ColumnSource[]): { columns: Column[]; length: number } {
  const columns = sources.map(columnOf);
  const [first] = columns;
  if (first === undefined) throw new ValueError("a data set needs at least one column");
  const lengths = columns.map((column) => column.length);
  if (lengths.some((length) => length !== first.length)) {
    throw new ValueError(`columns of a data set must be equally long, got lengths ${lengths.join(", ")}`);
  }
  return { columns, length: first.length };
}

function arrayColumn(source: NdArray): Column {
  if (source.ndim === 0) throw new ValueError("a column of a data set needs at least one axis, got a 0-d array");
  return {
    length: source.length,
    get: (index) => source.get(index),
    gather: (indices, { device = source.device }) => {
      const rows = take(source, array(indices, { device: source.device }), { axis: 0 });
      return rows.device === device ? rows : array(rows, { device });
    },
  };
}

function typedColumn(source: NumericArray): Column {
  return {
    length: source.length,
    get: (index) => source[index],
    gather: (indices, options) => {
      const picked = new (source.constructor as new (length: number) => NumericArray)(indices.length);
      for (let i = 0; i < indices.length; i++) picked[i] = source[indices[i] as number] as number;
      return array(picked, options);
    },
  };
}

/** Lists of numbers are int32 if all of them are whole, so that lists of labels are labels; otherwise float32. */
function numbersGatherer(source: readonly unknown[]): Column["gather"] {
  if (source.length === 0 || !source.every((value) => typeof value === "number")) return null;
  const dtype = source.every((value) => Number.isInteger(value)) ? "int32" : "float32";
  return (indices, options) =>
    array(
      Array.from(indices, (index) => source[index] as number),
      { dtype, ...options },
    );
}
