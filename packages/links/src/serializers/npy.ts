/** The NPY format: one array, as NumPy's `save` writes it. Messages begin with "it", for whoever knows the file's name. */
import type { DType } from "@chain/array";
import { formatHeader, parseHeader, type NpyHeader } from "./npy-header.js";
import { isPickledNone, pickledNone } from "./pickled-none.js";
import { SerializationError } from "./serialization-error.js";
import {
  decodeElements,
  elementBytes,
  sizeOf,
  type ElementType,
  type StoredArray,
  type StoredValue,
} from "./stored-value.js";

const descriptions: Record<DType, string> = {
  bool: "|b1",
  uint8: "|u1",
  int32: "<i4",
  uint32: "<u4",
  float16: "<f2",
  float32: "<f4",
  float64: "<f8",
};

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
    throw pickled();
  }
  const expected = sizeOf(header.shape) * elementSize(header);
  if (body.length !== expected) {
    throw new SerializationError(`it holds ${body.length} bytes of elements where its header announces ${expected}`);
  }
  if (kind === "U" || kind === "S") {
    if (header.shape.length !== 0)
      throw new SerializationError("it holds several texts; only a single one can be read");
    return { kind: "text", text: decodeText(body, kind, bigEndian) };
  }
  const type = `${kind}${width}`;
  if (!isElementType(type)) throw new SerializationError(`its element type ${header.descr} has no counterpart`);
  // A copy: typed arrays need aligned memory.
  const little = bigEndian ? reversed(body, width) : body.slice();
  const isFortran = header.fortranOrder && header.shape.length > 1;
  return decodeElements(type, header.shape, isFortran ? inCOrder(little, width, header.shape) : little);
}

/** The error for pickles. */
export function pickled(): SerializationError {
  return new SerializationError("it holds pickled Python objects, which are never unpickled (only None is known)");
}

/** An array as an NPY file. */
export function encodeArray(array: StoredArray): Uint8Array {
  return joined(descriptions[array.dtype], array.shape, elementBytes(array));
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

const elementTypes: readonly string[] = ["b1", "u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"];

function isElementType(type: string): type is ElementType {
  return elementTypes.includes(type);
}

interface Description {
  readonly kind: string;
  readonly bytes: number;
  readonly bigEndian: boolean;
}

function elementType(descr: string): Description {
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

/** Elements of `width` bytes of an array in Fortran order, rearranged in C order. */
function inCOrder(bytes: Uint8Array, width: number, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(bytes.length);
  const strides: number[] = [];
  shape.reduce((stride, length, axis) => {
    strides[axis] = stride;
    return stride * length;
  }, width);
  let next = 0;
  const walk = (axis: number, from: number): void => {
    if (axis === shape.length) {
      for (let k = 0; k < width; k++) result[next++] = bytes[from + k] as number;
      return;
    }
    for (let i = 0; i < (shape[axis] as number); i++) walk(axis + 1, from + i * (strides[axis] as number));
  };
  if (result.length > 0) walk(0, 0);
  return result;
}

function joined(descr: string, shape: readonly number[], body: Uint8Array): Uint8Array {
  const header = formatHeader(descr, shape);
  const file = new Uint8Array(header.length + body.length);
  file.set(header);
  file.set(body, header.length);
  return file;
}
