import { array, concatenate, NdArray, slice, take, ValueError } from "@chain/array";
import type { ConvertedBatch, ConvertOptions } from "../converter.js";
import type { ColumnExample, NumericArray } from "../gather.js";

/** The values of a column: a list, or an array whose first axis counts them. */
export type ColumnValues = NdArray | NumericArray | readonly unknown[];

/** The columns of a table for the compiler: their keys, in order, with the type of their values. */
export type Columns = readonly (readonly [key: string, values: ColumnValues])[];

/**
 * What an example is, and what columns are put together in: a list in the order of the keys, a dictionary, or (null) the
 * only column by itself.
 */
export type Mode = "tuple" | "dict" | null;

/** The keys of columns. */
export type KeyOf<C extends Columns> = C[number][0];

/** The type of the values under a key. */
export type ValuesOf<C extends Columns, K> = Extract<C[number], readonly [K, unknown]>[1];

/** The columns with some of the keys, in the order of these. */
export type PickColumns<C extends Columns, K extends readonly string[]> = {
  readonly [I in keyof K]: readonly [K[I], ValuesOf<C, K[I]>];
};

/** Columns with the keys `K` and values of the types `V`. */
export type ZipColumns<K extends readonly string[], V extends readonly ColumnValues[]> = {
  readonly [I in keyof K]: readonly [K[I], V[I & keyof V] extends ColumnValues ? V[I & keyof V] : never];
};

/** A list of which the compiler looks at every item: the empty one beside it has that effect. */
export type ListOf<T> = readonly T[] | readonly [];

/** What is as long as a list. */
export type SameLength<L extends ListOf<unknown>> = { readonly length: L["length"] };

/** Columns that are lists of values of the types `V`. */
export type ListColumns<K extends readonly string[], V extends readonly unknown[]> = {
  readonly [I in keyof K]: readonly [K[I], readonly V[I & keyof V][]];
};

/** An example of a table. */
export type TabularExample<C extends Columns, M extends Mode> = M extends "tuple"
  ? { -readonly [I in keyof C]: ColumnExample<C[I][1]> }
  : M extends "dict"
    ? { [K in KeyOf<C>]: ColumnExample<ValuesOf<C, K>> }
    : ColumnExample<C[0][1]>;

/** The columns of a table. */
export type TabularData<C extends Columns, M extends Mode> = M extends "tuple"
  ? { readonly [I in keyof C]: C[I][1] }
  : M extends "dict"
    ? { readonly [K in KeyOf<C>]: ValuesOf<C, K> }
    : C[0][1];

/** What a table is at run time. */
export interface TabularSource {
  /** Number of rows. */
  readonly length: number;
  /** Names of the columns. */
  readonly keys: readonly string[];
  readonly mode: Mode;
  /**
   * Values of some rows and columns.
   *
   * @param indices - positions of rows, from 0; null for all
   * @param keyIndices - positions of keys; null for all
   * @returns a list or an array for each of the columns
   */
  getExamples(indices: Int32Array | null, keyIndices: readonly number[] | null): readonly ColumnValues[];
  /** Makes arrays of the columns of all keys, put together in the mode. */
  convert?(data: unknown, options: ConvertOptions): ConvertedBatch;
}

/** How many values a column has. */
export function lengthOf(values: ColumnValues): number {
  if (values instanceof NdArray && values.ndim === 0)
    throw new ValueError("a column needs at least one axis, got a 0-d array");
  return values.length;
}

/** Some of the values of a column. */
export function valuesAt(values: ColumnValues, indices: Int32Array | null): ColumnValues {
  if (indices === null) return values;
  if (values instanceof NdArray) {
    const [first = 0] = indices;
    if (indices.length === 1) return values.get(slice(first, first + 1)); // a view
    return take(values, array(indices, { device: values.device }), { axis: 0 });
  }
  if (Array.isArray(values)) return Array.from(indices, (index) => (values as readonly unknown[])[index]);
  const numbers = values as NumericArray;
  return sameKind(
    numbers,
    Array.from(indices, (index) => numbers[index] as number),
  );
}

/** Values after each other: an array if all of them are arrays, a list otherwise. */
export function joinValues(parts: readonly ColumnValues[]): ColumnValues {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  if (parts.every((part) => part instanceof NdArray)) return concatenate(parts);
  if (ArrayBuffer.isView(first) && parts.every((part) => part.constructor === first.constructor)) {
    return sameKind(
      first,
      parts.flatMap((part) => [...(part as NumericArray)]),
    );
  }
  return parts.flatMap((part) => Array.from({ length: part.length }, (_, i) => valueAt(part, i)));
}

function sameKind(like: NumericArray, numbers: readonly number[]): NumericArray {
  return new (like.constructor as new (numbers: readonly number[]) => NumericArray)(numbers);
}

/** The value of a column at a position. */
export function valueAt(values: ColumnValues, position: number): unknown {
  return values instanceof NdArray ? values.get(position) : (values as readonly unknown[])[position];
}

/** Puts what belongs to the keys together as a mode says. */
export function inMode<T>(
  mode: Mode,
  keys: readonly string[],
  items: readonly T[],
): readonly T[] | Record<string, T> | T {
  switch (mode) {
    case "tuple":
      return items;
    case "dict":
      return Object.fromEntries(keys.map((key, i) => [key, items[i] as T]));
    case null:
      return items[0] as T;
  }
}
