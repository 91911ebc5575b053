import { array, full, InvalidType, NdArray, slice, stack, ValueError } from "@chain/array";
import type { ConvertedBatch, ConvertOptions } from "./converter.js";

/** Options of {@link concatExamples}. */
export interface ConcatExamplesOptions extends ConvertOptions {
  /**
   * Value that fills up arrays of different shapes; without it, shapes have to agree. One for all, or a list or
   * dictionary like the examples.
   */
  readonly padding?: number | null | readonly (number | null)[] | Readonly<Record<string, number | null>>;
}

/**
 * Puts examples together into a minibatch, along a new first axis.
 *
 * Lists are taken apart, as are dictionaries: examples `[x, t]` give two arrays. Arrays keep their dtype; numbers become
 * int32 if all of them are whole, else float32; booleans become bool; nested lists become what `array` makes of them.
 *
 * @throws ValueError for an empty batch, and for shapes that differ without `padding`.
 */
export function concatExamples(batch: readonly unknown[], options: ConcatExamplesOptions = {}): ConvertedBatch {
  const [first] = batch;
  if (batch.length === 0) throw new ValueError("a minibatch needs at least one example");
  const { device, padding = null } = options;
  if (Array.isArray(first)) {
    return first.map((_, index) => {
      const column = batch.map((example) => (example as readonly unknown[])[index]);
      return concatColumn(column, device, isList(padding) ? (padding[index] ?? null) : (padding as number | null));
    });
  }
  if (isDictionary(first)) {
    const entries = Object.keys(first).map((key): [string, NdArray] => {
      const column = batch.map((example) => (example as Record<string, unknown>)[key]);
      return [
        key,
        concatColumn(column, device, isDictionary(padding) ? (padding[key] ?? null) : (padding as number | null)),
      ];
    });
    return Object.fromEntries(entries);
  }
  if (padding !== null && typeof padding !== "number") throw new ValueError("padding has to be like the examples");
  return concatColumn(batch, device, padding);
}

/** The items of one column as an array. */
export function concatColumn(column: readonly unknown[], device: string | undefined, padding: number | null): NdArray {
  const target = device === undefined ? {} : { device };
  if (isNumbers(column)) {
    return array(column, { dtype: column.every(Number.isInteger) ? "int32" : "float32", ...target });
  }
  if (isBooleans(column)) return array(column, target);
  const equal = equalFloats(column);
  if (equal !== null) return array(equal, target).reshape(column.length, equal.length / column.length);
  const arrays = column.map((item) => toArray(item, device));
  const stacked = stack(padding === null ? checkShapes(arrays) : padded(arrays, padding));
  return stacked.device === (device ?? stacked.device) ? stacked : array(stacked, target);
}

/** Float32Arrays of one length, one after the other: the usual case, made without an array for each. */
function equalFloats(column: readonly unknown[]): Float32Array | null {
  const [first] = column;
  if (!(first instanceof Float32Array)) return null;
  const { length } = first;
  const all = new Float32Array(length * column.length);
  for (const [index, item] of column.entries()) {
    if (!(item instanceof Float32Array) || item.length !== length) return null;
    all.set(item, index * length);
  }
  return all;
}

function toArray(item: unknown, device: string | undefined): NdArray {
  if (item instanceof NdArray) return item;
  if (typeof item === "number" || typeof item === "boolean" || Array.isArray(item) || ArrayBuffer.isView(item)) {
    return array(item as Parameters<typeof array>[0], device === undefined ? {} : { device });
  }
  throw InvalidType.of("concatExamples", "numbers, booleans, lists and arrays in examples", typeof item);
}

function checkShapes(arrays: readonly NdArray[]): readonly NdArray[] {
  const shape = arrays[0]?.shape.join(", ");
  const other = arrays.find((item) => item.shape.join(", ") !== shape);
  if (other !== undefined) {
    throw new ValueError(
      `examples have different shapes, (${shape}) and (${other.shape.join(", ")}): give padding to fill them up`,
    );
  }
  return arrays;
}

function padded(arrays: readonly NdArray[], padding: number): NdArray[] {
  const rank = arrays[0]?.ndim ?? 0;
  if (arrays.some((item) => item.ndim !== rank)) throw new ValueError("examples have different numbers of axes");
  const shape = Array.from({ length: rank }, (_, axis) =>
    Math.max(...arrays.map((item) => item.shape[axis] as number)),
  );
  return arrays.map((item) =>
    full(shape, padding, { dtype: item.dtype, device: item.device }).set(
      item.shape.map((length) => slice(0, length)),
      item,
    ),
  );
}

function isNumbers(column: readonly unknown[]): column is readonly number[] {
  return column.every((item) => typeof item === "number");
}

function isBooleans(column: readonly unknown[]): column is readonly boolean[] {
  return column.every((item) => typeof item === "boolean");
}

function isList(value: unknown): value is readonly (number | null)[] {
  return Array.isArray(value);
}

function isDictionary(
  value: unknown,
): value is Readonly<Record<string, unknown>> & Readonly<Record<string, number | null>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
