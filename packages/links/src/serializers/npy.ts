/** The NPY format: one array, as NumPy's `save` writes it. Messages begin with "it", for whoever knows the file's name. */
import { halfToNumber, numberToHalf, type DType, type TypedArray } from "@chain/array";
import { formatHeader, parseHeader, type NpyHeader } from "./npy-header.js";
import { isPickledNone, pickledNone } from "./pickled-none.js";
import { SerializationError } from "./serialization-error.js";

/** An array on the host: elements in C order, those of float16 as numbers. */
export interface StoredArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** What an NPY file can hold: an array, 64-bit integers (for which there is no dtype), a text, or None. */
export type StoredValue =
  | ({ readonly kind: "array" } & StoredArray)
  | { readonly kind: "int64"; readonly shape: readonly number[]; readonly data: BigInt64Array | BigUint64Array }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "none" };

const descriptions: Record<DType, string> = {
  bool: "|b1",
  uint8: "|u1",
  int32: "<i4",
  uint32: "<u4",
  float16: "<f2",
  float32: "<f4",
  float64: "<f8",
};

/** How many elements a header announces. */
export function elementCount(header: NpyHeader): number {
  return header.shape.reduce((product, length) => product * length, 1);
}

/** Size of one element in bytes; 0 where elements have no fixed size (objects). */
export function elementSize(header: NpyHeader): number {
  const { kind, bytes } = elementType(header.descr);
  return kind === "O" ? 0 : kind === "U" ? bytes * 4 : bytes;
}

/** Reads a whole NPY file. Never unpickles: the one object it knows is None. */
export function decodeNpy(bytes: Uint8Array): StoredValue {
  const header = parseHeader(bytes);
  const { kind, bytes: width, bigEndian } = elementType(header.descr);
  const body = bytes.subarray(header.dataOffset);
  if (kind === "O") {
    if (header.shape.length === 0 && isPickledNone(body)) return { kind: "none" };
    throw new SerializationError("it holds pickled Python objects, which are never unpickled (only None is known)");
  }
  const count = elementCount(header);
  const expected = count * elementSize(header);
  if (body.length !== expected) {
    throw new SerializationError(`it holds ${body.length} bytes of elements where its header announces ${expected}`);
  }
  if (kind === "U" || kind === "S") {
    if (header.shape.length !== 0)
      throw new SerializationError("it holds several texts; only a single one can be read");
    return { kind: "text", text: decodeText(body, kind, bigEndian) };
  }
  // A copy: typed arrays need aligned memory.
  const raw = bigEndian ? reversed(body, width) : body.slice();
  const { shape } = header;
  const order = <A extends TypedArray | BigInt64Array | BigUint64Array>(data: A): A =>
    header.fortranOrder && shape.length > 1 ? cOrder(data, shape) : data;
  const array = (dtype: DType, data: TypedArray): StoredValue => ({ kind: "array", dtype, shape, data: order(data) });
  const { buffer } = raw;
  switch (`${kind}${width}`) {
    case "b1":
      if (raw.some((byte) => byte > 1)) throw new SerializationError("it holds booleans other than 0 and 1");
      return array("bool", raw);
    case "u1":
      return array("uint8", raw);
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
      return { kind: "int64", shape, data: order(new BigInt64Array(buffer)) };
    case "u8":
      return { kind: "int64", shape, data: order(new BigUint64Array(buffer)) };
    case "f2":
      return array("float16", Float32Array.from(new Uint16Array(buffer), halfToNumber));
    case "f4":
      return array("float32", new Float32Array(buffer));
    case "f8":
      return array("float64", new Float64Array(buffer));
    default:
      throw new SerializationError(`its element type ${header.descr} has no counterpart`);
  }
}

/** An array as an NPY file. */
export function encodeArray({ dtype, shape, data }: StoredArray): Uint8Array {
  const stored = dtype === "float16" ? Uint16Array.from(data, numberToHalf) : data;
  return joined(descriptions[dtype], shape, new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength));
}

/** A number as NumPy stores Python's: whole ones as int64, others as float64. */
export function encodeNumber(value: number): Uint8Array {
  return Number.isSafeInteger(value) && !Object.is(value, -0)
    ? joined("<i8", [], new Uint8Array(BigInt64Array.of(BigInt(value)).buffer))
    : joined("<f8", [], new Uint8Array(Float64Array.of(value).buffer));
}

/** A boolean as an NPY file. */
export function encodeBoolean(value: boolean): Uint8Array {
  return joined("|b1", [], Uint8Array.of(value ? 1 : 0));
}

/** A text as an NPY file. NumPy drops zeros at the end of a text, so there must be none. */
export function encodeText(text: string): Uint8Array {
  if (text.endsWith("\0")) throw new SerializationError("a text that ends in a zero character cannot be stored");
  const points = Array.from(text, (character) => character.codePointAt(0) as number);
  // NumPy has no texts of length 0: it stores one character, a zero.
  const stored = Uint32Array.from(points.length === 0 ? [0] : points);
  return joined(`<U${stored.length}`, [], new Uint8Array(stored.buffer));
}

/** None as an NPY file. */
export function encodeNone(): Uint8Array {
  return joined("|O", [], pickledNone);
}

/** Whole numbers of 64 bits as int32, or an error if one does not fit. */
export function narrowed(data: BigInt64Array | BigUint64Array): Int32Array {
  return Int32Array.from(data as Iterable<bigint> & ArrayLike<bigint>, (value) => {
    const number = Number(value);
    if (number !== (number | 0)) throw new SerializationError(`it holds ${value}, which does not fit into int32`);
    return number;
  });
}

interface ElementType {
  readonly kind: string;
  readonly bytes: number;
  readonly bigEndian: boolean;
}

function elementType(descr: string): ElementType {
  const match = /^([<>|])([biufUSO])(\d{0,9})$/.exec(descr);
  if (match === null) throw new SerializationError(`its element type ${descr} has no counterpart`);
  return { bigEndian: match[1] === ">", kind: match[2] as string, bytes: Number(match[3]) };
}

function decodeText(body: Uint8Array, kind: "U" | "S", bigEndian: boolean): string {
  if (kind === "S") return new TextDecoder("latin1").decode(body).replace(/\0+$/, "");
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  let text = "";
  for (let at = 0; at < body.length; at += 4) {
    const point = view.getUint32(at, !bigEndian);
    if (point > 0x10ffff) throw new SerializationError("it holds a text with invalid characters");
    text += String.fromCodePoint(point);
  }
  return text.replace(/\0+$/, "");
}

/** Bytes with those of every element reversed. */
function reversed(body: Uint8Array, width: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(body.length);
  for (let i = 0; i < body.length; i += width) {
    for (let k = 0; k < width; k++) result[i + k] = body[i + width - 1 - k] as number;
  }
  return result;
}

/** Elements of an array in Fortran order, rearranged in C order. */
function cOrder<A extends TypedArray | BigInt64Array | BigUint64Array>(data: A, shape: readonly number[]): A {
  const result = data.slice() as A;
  const strides: number[] = [];
  shape.reduce((stride, length, axis) => {
    strides[axis] = stride;
    return stride * length;
  }, 1);
  let next = 0;
  const walk = (axis: number, from: number): void => {
    if (axis === shape.length) {
      result[next++] = data[from] as never;
      return;
    }
    for (let i = 0; i < (shape[axis] as number); i++) walk(axis + 1, from + i * (strides[axis] as number));
  };
  walk(0, 0);
  return result;
}

function joined(descr: string, shape: readonly number[], body: Uint8Array): Uint8Array {
  const header = formatHeader(descr, shape);
  const file = new Uint8Array(header.length + body.length);
  file.set(header);
  file.set(body, header.length);
  return file;
}
