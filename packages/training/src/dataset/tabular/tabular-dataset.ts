import { array, NdArray } from "@chain/array";
import type { ConvertedBatch, ConvertOptions } from "../converter.js";
import { concatColumn } from "../concat-examples.js";
import { exampleAt, type Dataset } from "../dataset.js";
import type { GatheringDataset } from "../gather.js";
import {
  inMode,
  valueAt,
  type Columns,
  type ColumnValues,
  type KeyOf,
  type ListColumns,
  type ListOf,
  type Mode,
  type PickColumns,
  type SameLength,
  type TabularData,
  type TabularExample,
  type TabularSource,
  type ValuesOf,
  type ZipColumns,
} from "./columns.js";
import { concatenated, joined, sliced, transformed, transformedBatch, type Rows } from "./views.js";

/** Makes arrays of columns, which are put together as examples are. */
export type TabularConverter<C extends Columns, M extends Mode> = (
  data: TabularData<C, M>,
  options: ConvertOptions,
) => ConvertedBatch;

/**
 * A data set that is a table: all examples have the same columns, which have names (Chainer's `TabularDataset`). Its methods
 * give views of it, which compute values when they are asked for, and only those of the columns that are.
 *
 * ```ts
 * const table = tabular.fromData({ x: images, t: labels });
 * const small = table.slice(slice(0, 100), ["t", "x"]).astuple();
 * const [x, t] = table.astuple().fetch();
 * ```
 *
 * `mode` says whether an example is a list, a dictionary, or the value of the only column. Minibatches are taken column by
 * column, and made into arrays by {@link convert}, wherever examples would be by `concatExamples`.
 *
 * Subclasses implement `length`, `keys`, `mode` and `getExamples`; or they extend {@link DelegateDataset}.
 */
export abstract class TabularDataset<C extends Columns, M extends Mode>
  implements Dataset<TabularExample<C, M>>, GatheringDataset, TabularSource, Iterable<TabularExample<C, M>>
{
  /** Number of rows. */
  abstract readonly length: number;
  /** Names of the columns. */
  abstract readonly keys: readonly KeyOf<C>[];
  /** What an example is. */
  abstract readonly mode: M;
  readonly canGather = true;

  /** See {@link TabularSource.getExamples}. */
  abstract getExamples(indices: Int32Array | null, keyIndices: readonly number[] | null): readonly ColumnValues[];

  getExample(index: number): TabularExample<C, M> {
    const cells = this.getExamples(Int32Array.of(index), null).map((values) => valueAt(values, 0));
    return inMode(this.mode, this.keys, cells) as TabularExample<C, M>;
  }

  /**
   * The example at `index`; negative ones count from the end.
   *
   * @throws IndexError outside of the table.
   */
  at(index: number): TabularExample<C, M> {
    return exampleAt(this, index);
  }

  *[Symbol.iterator](): Generator<TabularExample<C, M>> {
    for (let i = 0; i < this.length; i++) yield this.getExample(i);
  }

  /** All values, column by column: a list or an array for each. */
  fetch(): TabularData<C, M> {
    return inMode(this.mode, this.keys, this.getExamples(null, null)) as TabularData<C, M>;
  }

  /** Makes arrays of columns, as {@link fetch} gives them: of lists as `concatExamples` does. */
  convert(data: TabularData<C, M>, options: ConvertOptions = {}): ConvertedBatch {
    const toArray = (values: unknown): NdArray => arrayOf(values as ColumnValues, options);
    const mode: Mode = this.mode;
    switch (mode) {
      case "tuple":
        return (data as readonly unknown[]).map(toArray);
      case "dict":
        return Object.fromEntries(Object.entries(data).map(([key, values]) => [key, toArray(values)]));
      case null:
        return toArray(data);
    }
  }

  /** The rows at `indices`, converted. */
  gather(indices: Int32Array, options: ConvertOptions = {}): ConvertedBatch {
    const data = inMode(this.mode, this.keys, this.getExamples(indices, null)) as TabularData<C, M>;
    return this.convert(data, options);
  }

  /**
   * Some rows (null for all), and some columns in an order of their own; one key that is no list gives its column by itself.
   *
   * @throws IndexError for rows, ValueError for keys that are not there.
   */
  slice(rows: Rows | null): TabularDataset<C, M>;
  slice<const K extends readonly KeyOf<C>[]>(
    rows: Rows | null,
    keys: K,
  ): TabularDataset<PickColumns<C, K>, M extends null ? "tuple" : M>;
  slice<K extends KeyOf<C>>(rows: Rows | null, key: K): TabularDataset<readonly [readonly [K, ValuesOf<C, K>]], null>;
  slice(rows: Rows | null, keys: readonly string[] | string | null = null): TabularSource {
    return this.view(sliced(this, rows, keys));
  }

  /** The same table, its examples lists. */
  astuple(): TabularDataset<C, "tuple"> {
    return this.view({ ...sliced(this, null, this.keys), mode: "tuple" });
  }

  /** The same table, its examples dictionaries. */
  asdict(): TabularDataset<C, "dict"> {
    return this.view({ ...sliced(this, null, this.keys), mode: "dict" });
  }

  /**
   * This table with others below it.
   *
   * @throws ValueError if keys differ.
   */
  concat(...datasets: readonly TabularDataset<C, Mode>[]): TabularDataset<C, M> {
    return this.view(concatenated(this, datasets));
  }

  /**
   * This table with another one beside it.
   *
   * @throws ValueError if lengths differ, or keys do not.
   */
  join<D extends Columns>(
    dataset: TabularDataset<D, Mode>,
  ): TabularDataset<readonly [...C, ...D], M extends null ? "tuple" : M> {
    return this.view(joined(this, [dataset]));
  }

  /**
   * A table of what `transform` makes of each example: a list of values for the keys, or one value for a key that is no list.
   */
  transform<const K extends readonly string[], R extends ListOf<unknown>>(
    keys: K & SameLength<R>,
    transform: (example: TabularExample<C, M>) => R,
  ): TabularDataset<ListColumns<K, R>, "tuple">;
  transform<K extends string, R>(
    key: K,
    transform: (example: TabularExample<C, M>) => R,
  ): TabularDataset<readonly [readonly [K, readonly R[]]], null>;
  transform(keys: readonly string[] | string, transform: (example: TabularExample<C, M>) => unknown): TabularSource {
    return this.view(transformed(this, keys, transform as (example: unknown) => unknown));
  }

  /** As {@link transform}, for the columns of many rows at once. */
  transformBatch<const K extends readonly string[], R extends ListOf<ColumnValues>>(
    keys: K & SameLength<R>,
    transformBatch: (data: TabularData<C, M>) => R,
  ): TabularDataset<ZipColumns<K, R>, "tuple">;
  transformBatch<K extends string, R extends ColumnValues>(
    key: K,
    transformBatch: (data: TabularData<C, M>) => R,
  ): TabularDataset<readonly [readonly [K, R]], null>;
  transformBatch(
    keys: readonly string[] | string,
    transformBatch: (data: TabularData<C, M>) => unknown,
  ): TabularSource {
    return this.view(transformedBatch(this, keys, transformBatch as (data: unknown) => unknown));
  }

  /**
   * The same table, with another way to make arrays of its columns. It is kept where rows are chosen or added; views with
   * other columns, or another mode, convert as usual.
   */
  withConverter(converter: TabularConverter<C, M>): TabularDataset<C, M> {
    return this.view({ ...sliced(this, null, null), convert: converter });
  }

  private view<D extends Columns, N extends Mode>(source: TabularSource): TabularDataset<D, N> {
    return new DelegateDataset<D, N>(source);
  }
}

/**
 * A table that is another one: the base of classes that make a table when they are constructed, and of those that change
 * some of its behaviour (Chainer's `DelegateDataset`).
 */
export class DelegateDataset<C extends Columns, M extends Mode> extends TabularDataset<C, M> {
  constructor(private readonly dataset: TabularDataset<C, M> | TabularSource) {
    super();
  }

  override get length(): number {
    return this.dataset.length;
  }

  override get keys(): readonly KeyOf<C>[] {
    return this.dataset.keys;
  }

  override get mode(): M {
    return this.dataset.mode as M;
  }

  override getExamples(indices: Int32Array | null, keyIndices: readonly number[] | null): readonly ColumnValues[] {
    return this.dataset.getExamples(indices, keyIndices);
  }

  override convert(data: TabularData<C, M>, options: ConvertOptions = {}): ConvertedBatch {
    return this.dataset.convert?.(data, options) ?? super.convert(data, options);
  }
}

function arrayOf(values: ColumnValues, options: ConvertOptions): NdArray {
  if (values instanceof NdArray) {
    const { device = values.device } = options;
    return values.device === device ? values : array(values, { device });
  }
  return isList(values) ? concatColumn(values, options.device, null) : array(values, options);
}

function isList(values: Exclude<ColumnValues, NdArray>): values is readonly unknown[] {
  return Array.isArray(values);
}
