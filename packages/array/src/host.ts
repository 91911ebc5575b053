/** Elements as the host sees them: typed arrays over bytes that a device gave back. */
import type { DType, TypedArray } from "./dtype.js";
import { halfToNumber, numberToHalf } from "./half.js";

/** A typed array over `bytes`, of the type that stores `dtype` (raw bits for float16). */
export function storedView(dtype: DType, bytes: Uint8Array<ArrayBuffer>): TypedArray {
  const { buffer, byteOffset, byteLength } = bytes;
  switch (dtype) {
    case "bool":
    case "uint8":
      return bytes;
    case "int32":
      return new Int32Array(buffer, byteOffset, byteLength / 4);
    case "uint32":
      return new Uint32Array(buffer, byteOffset, byteLength / 4);
    case "float16":
      return new Uint16Array(buffer, byteOffset, byteLength / 2);
    case "float32":
      return new Float32Array(buffer, byteOffset, byteLength / 4);
    case "float64":
      return new Float64Array(buffer, byteOffset, byteLength / 8);
  }
}

/** Stored elements as numbers: float16 becomes a Float32Array, everything else is returned as it is. */
export function decode(dtype: DType, stored: TypedArray): TypedArray {
  return dtype === "float16" ? Float32Array.from(stored, halfToNumber) : stored;
}

/** Converts numbers to bytes as `dtype` stores them, wrapping and truncating as C does. */
export function encode(dtype: DType, values: ArrayLike<number>): Uint8Array {
  switch (dtype) {
    case "bool":
      return Uint8Array.from(values, (v) => (v === 0 ? 0 : 1));
    case "uint8":
      return Uint8Array.from(values);
    case "int32":
      return bytesOf(Int32Array.from(values));
    case "uint32":
      return bytesOf(Uint32Array.from(values));
    case "float16":
      return bytesOf(Uint16Array.from(values, numberToHalf));
    case "float32":
      return bytesOf(Float32Array.from(values));
    case "float64":
      return bytesOf(Float64Array.from(values));
  }
}

/** The bytes behind a typed array. */
export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
