/** Tables made of others, which compute their values when they are asked for. */
import { IndexError, Slice, ValueError } from "@chain/array";
import {
  inMode,
  joinValues,
  lengthOf,
  valueAt,
  valuesAt,
  type ColumnValues,
  type Mode,
  type TabularSource,
} from "./columns.js";

/** Rows of a table: a slice, positions (negative ones count from the end), or a boolean for each row. */
export type Rows = Slice | readonly number[] | Int32Array | readonly boolean[];

/** Some rows and columns. */
export function sliced(
  source: TabularSource,
  rows: Rows | null,
  keys: readonly string[] | string | null,
): TabularSource {
  const indices = rows === null ? null : positionsOf(rows, source.length);
  const names = typeof keys === "string" ? [keys] : (keys ?? source.keys);
  const keyIndices = names.map((key) => keyIndexOf(source, key));
  return {
    length: indices?.length ?? source.length,
    keys: names,
    mode: keys === null ? source.mode : typeof keys === "string" ? null : (source.mode ?? "tuple"),
    convert: keys === null ? converterOf(source) : undefined,
    getExamples: (wanted, wantedKeys) =>
      source.getExamples(
        indices === null ? wanted : (wanted?.map((index) => indices[index] as number) ?? indices),
        wantedKeys?.map((index) => keyIndices[index] as number) ?? keyIndices,
      ),
  };
}

/** Tables with the same keys one below the other. */
export function concatenated(first: TabularSource, others: readonly TabularSource[]): TabularSource {
  const { keys, mode } = first;
  const sources = [first, ...others];
  for (const other of others) {
    if (other.keys.join("\n") !== keys.join("\n")) {
      throw new ValueError(
        `tables are put below each other by their keys, which have to be the same: (${keys.join(", ")}) ` +
          `and (${other.keys.join(", ")}); slice(null, keys) chooses and orders them`,
      );
    }
  }
  const starts = [0];
  for (const { length } of sources) starts.push((starts.at(-1) as number) + length);
  const length = starts.at(-1) as number;
  return {
    length,
    keys,
    mode,
    convert: converterOf(first),
    getExamples(indices, keyIndices) {
      if (indices === null) return joinColumns(sources.map((source) => source.getExamples(null, keyIndices)));
      if (indices.length === 0) return first.getExamples(indices, keyIndices);
      // Rows of one table after those of another, and then as they were asked for.
      const order: number[] = [];
      const parts = sources.flatMap((source, i) => {
        const [from, to] = [starts[i] as number, starts[i + 1] as number];
        const places = [...indices.keys()].filter((place) => inRange(indices[place] as number, from, to));
        order.push(...places);
        const rows = Int32Array.from(places, (place) => (indices[place] as number) - from);
        return rows.length === 0 ? [] : [source.getExamples(rows, keyIndices)];
      });
      const back = new Int32Array(order.length);
      order.forEach((place, row) => (back[place] = row));
      const inOrder = order.every((place, row) => place === row);
      return joinColumns(parts).map((values) => (inOrder ? values : valuesAt(values, back)));
    },
  };
}

/** Tables of equal length side by side. */
export function joined(first: TabularSource, others: readonly TabularSource[]): TabularSource {
  const sources = [first, ...others];
  const { length } = first;
  const keys = sources.flatMap((source) => source.keys);
  if (sources.some((source) => source.length !== length)) {
    const lengths = sources.map((source) => source.length).join(", ");
    throw new ValueError(`tables side by side have to be equally long, got lengths ${lengths}`);
  }
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice !== undefined) throw new ValueError(`tables side by side need different keys: there are two "${twice}"`);
  // For each key, the table that has it and its position there.
  const places = sources.flatMap((source) => source.keys.map((_, index) => ({ source, index })));
  return {
    length,
    keys,
    mode: first.mode ?? "tuple",
    getExamples(indices, keyIndices) {
      const wanted = keyIndices?.map((index) => places[index] as (typeof places)[number]) ?? places;
      const columns: ColumnValues[] = [];
      for (const source of new Set(wanted.map((place) => place.source))) {
        const own = [...wanted.keys()].filter((column) => wanted[column]?.source === source);
        const values = source.getExamples(
          indices,
          own.map((column) => wanted[column]?.index as number),
        );
        own.forEach((column, i) => (columns[column] = values[i] as ColumnValues));
      }
      return columns;
    },
  };
}

/** What `transform` makes of each example. */
export function transformed(
  source: TabularSource,
  keys: readonly string[] | string,
  transform: (example: unknown) => unknown,
): TabularSource {
  return mapped(source, keys, (columns, length) => {
    const examples = Array.from({ length }, (_, row) => {
      const cells = columns.map((values) => valueAt(values, row));
      return transform(inMode(source.mode, source.keys, cells));
    });
    if (typeof keys === "string") return [examples];
    const rows = examples.map((example) => checkedCount("transform", keys, example));
    return keys.map((_, column) => rows.map((row) => row[column]));
  });
}

/** What `transformBatch` makes of the columns of several rows. */
export function transformedBatch(
  source: TabularSource,
  keys: readonly string[] | string,
  transformBatch: (data: unknown) => unknown,
): TabularSource {
  return mapped(source, keys, (columns, length) => {
    const made = transformBatch(inMode(source.mode, source.keys, columns));
    const results = (typeof keys === "string" ? [made] : checkedCount("transformBatch", keys, made)) as ColumnValues[];
    const other = results.find((values) => values.length !== length);
    if (other !== undefined) {
      throw new ValueError(
        `transformBatch has to give as many values as it was given, ${length}, and gave ${other.length}`,
      );
    }
    return results;
  });
}

/** A table whose columns are computed from all those of another. */
function mapped(
  source: TabularSource,
  keys: readonly string[] | string,
  compute: (columns: readonly ColumnValues[], length: number) => readonly ColumnValues[],
): TabularSource {
  const mode: Mode = typeof keys === "string" ? null : "tuple";
  return {
    length: source.length,
    keys: typeof keys === "string" ? [keys] : keys,
    mode,
    getExamples(indices, keyIndices) {
      const results = compute(source.getExamples(indices, null), indices?.length ?? source.length);
      return keyIndices?.map((index) => results[index] as ColumnValues) ?? results;
    },
  };
}

/** Columns under keys that are there already. */
export function columnsSource(keys: readonly string[], mode: Mode, columns: readonly ColumnValues[]): TabularSource {
  const [length, ...others] = columns.map(lengthOf);
  if (length === undefined) throw new ValueError("a table needs at least one column");
  if (others.some((other) => other !== length)) {
    throw new ValueError(`columns of a table must be equally long, got lengths ${[length, ...others].join(", ")}`);
  }
  return {
    length,
    keys,
    mode,
    getExamples: (indices, keyIndices) =>
      (keyIndices?.map((index) => columns[index] as ColumnValues) ?? columns).map((values) =>
        valuesAt(values, indices),
      ),
  };
}

function joinColumns(parts: readonly (readonly ColumnValues[])[]): ColumnValues[] {
  return (parts[0] ?? []).map((_, column) => joinValues(parts.map((columns) => columns[column] as ColumnValues)));
}

function converterOf(source: TabularSource): TabularSource["convert"] {
  return source.convert?.bind(source);
}

function checkedCount(name: string, keys: readonly string[], items: unknown): readonly unknown[] {
  if (Array.isArray(items) && items.length === keys.length) return items;
  const found = Array.isArray(items) ? `a list of ${items.length}` : typeof items;
  throw new ValueError(
    `${name} has to give a list with an item for each of the keys ${keys.join(", ")}, and gave ${found}`,
  );
}

function positionsOf(rows: Rows, length: number): Int32Array {
  if (rows instanceof Slice) {
    const { count, start, step } = rows.resolve(length);
    return Int32Array.from({ length: count }, (_, i) => start + i * step);
  }
  if (isMask(rows)) {
    if (rows.length !== length) throw new IndexError(`a mask of ${rows.length} booleans does not fit ${length} rows`);
    return Int32Array.from([...rows.keys()].filter((row) => rows[row]));
  }
  return Int32Array.from(rows, (row) => {
    const position = row < 0 ? row + length : row;
    if (!Number.isInteger(position) || position < 0 || position >= length) {
      throw new IndexError(`row ${row} is outside of a table of ${length} rows`);
    }
    return position;
  });
}

function isMask(rows: Exclude<Rows, Slice>): rows is readonly boolean[] {
  return rows.length > 0 && typeof rows[0] === "boolean";
}

function keyIndexOf({ keys }: TabularSource, key: string): number {
  const index = keys.indexOf(key);
  if (index < 0) throw new ValueError(`there is no column "${key}"; the keys are ${keys.join(", ")}`);
  return index;
}

function inRange(value: number, from: number, to: number): boolean {
  return value >= from && value < to;
}
