/** What files hold, in whatever format. Messages begin with "it", for whoever knows the entry's name. */
import { halfToNumber, numberToHalf, type DType, type TypedArray } from "@chain/array";
import { SerializationError } from "./serialization-error.js";

/** An array on the host: elements in C order, those of float16 as numbers. */
export interface StoredArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** Whole numbers of 64 bits, for which there is no dtype. */
export interface StoredInt64 {
  readonly shape: readonly number[];
  readonly data: BigInt64Array | BigUint64Array;
}

/** What can be stored under one key: an array, 64-bit integers, a text, or None. */
export type StoredValue =
  | ({ readonly kind: "array" } & StoredArray)
  | ({ readonly kind: "int64" } & StoredInt64)
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "none" };

/** The contents of a file by key; values are decoded when they are asked for. */
export interface StoredValues {
  /** Keys of all entries, in the file's order. */
  keys(): string[];
  has(key: string): boolean;
  /** Shape of an array, without reading it; null for a text or None. */
  shape(key: string): readonly number[] | null;
  /** @throws SerializationError if there is no such entry, or if it is damaged or of an unknown kind. */
  get(key: string): StoredValue;
}

/** Element types of files: kind and bytes, as NumPy has them; `bf2` are the upper halves of float32. */
export type ElementType = "b1" | "u1" | "i1" | "i2" | "u2" | "i4" | "u4" | "i8" | "u8" | "f2" | "bf2" | "f4" | "f8";

/** Reads elements from little-endian bytes, which it takes for itself; they begin at the start of their buffer. */
export function decodeElements(
  type: ElementType,
  shape: readonly number[],
  { buffer }: Uint8Array<ArrayBuffer>,
): StoredValue {
  const array = (dtype: DType, data: TypedArray): StoredValue => ({ kind: "array", dtype, shape, data });
  switch (type) {
    case "b1": {
      const bytes = new Uint8Array(buffer);
      if (bytes.some((byte) => byte > 1)) throw new SerializationError("it holds booleans other than 0 and 1");
      return array("bool", bytes);
    }
    case "u1":
      return array("uint8", new Uint8Array(buffer));
    case "i1":
      return array("int32", Int32Array.from(new Int8Array(buffer)));
    case "i2":
      return array("int32", Int32Array.from(new Int16Array(buffer)));
    case "u2":
      return array("int32", Int32Array.from(new Uint16Array(buffer)));
    case "i4":
      return array("int32", new Int32Array(buffer));
    case "u4":
      return array("uint32", new Uint32Array(buffer));
    case "i8":
      return { kind: "int64", shape, data: new BigInt64Array(buffer) };
    case "u8":
      return { kind: "int64", shape, data: new BigUint64Array(buffer) };
    case "f2":
      return array("float16", Float32Array.from(new Uint16Array(buffer), halfToNumber));
    case "bf2":
      return array("float32", new Float32Array(Uint32Array.from(new Uint16Array(buffer), (half) => half << 16).buffer));
    case "f4":
      return array("float32", new Float32Array(buffer));
    case "f8":
      return array("float64", new Float64Array(buffer));
  }
}

/** The elements of an array as little-endian bytes. */
export function elementBytes({ dtype, data }: StoredArray): Uint8Array {
  const stored = dtype === "float16" ? Uint16Array.from(data, numberToHalf) : data;
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}

/** How many elements an array of a shape has. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** An array; 64-bit integers become int32, or an error if one does not fit. */
export function asArray(stored: Exclude<StoredValue, { kind: "none" | "text" }>): StoredArray {
  if (stored.kind === "array") return stored;
  const { data, shape } = stored;
  const narrowed = Int32Array.from(data as Iterable<bigint> & ArrayLike<bigint>, (value) => {
    const number = Number(value);
    if (number !== (number | 0)) throw new SerializationError(`it holds ${value}, which does not fit into int32`);
    return number;
  });
  return { dtype: "int32", shape, data: narrowed };
}

/** The dtype under which a typed array is stored. */
export function dtypeOfTyped(data: TypedArray): DType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof Uint32Array) return "uint32";
  if (data instanceof Uint8Array) return "uint8";
  throw new SerializationError(`a ${data.constructor.name} cannot be saved; make it an Int32Array`);
}

/** The error for an entry that is not there, with help for the commonest mistake: a part was saved, or loaded, as the whole. */
export function missing(key: string, keys: readonly string[]): SerializationError {
  const longer = keys.find((other) => other.endsWith(`/${key}`));
  if (longer !== undefined) {
    return new SerializationError(
      `there is no entry "${key}"; there is "${longer}": give path: "${longer.slice(0, -key.length)}"`,
    );
  }
  const some = keys.slice(0, 4).map((other) => `"${other}"`);
  const more = keys.length > 4 ? ` and ${keys.length - 4} more` : "";
  return new SerializationError(`there is no entry "${key}"; there are ${some.join(", ")}${more}`);
}
