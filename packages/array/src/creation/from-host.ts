import type { Backend } from "../backend.js";
import { getBackend, getDefaultBackend } from "../device.js";
import type { DType } from "../dtype.js";
import { ValueError } from "../errors.js";
import { bytesOf, encode } from "../host.js";
import { NdArray } from "../ndarray.js";
import { checkShape, formatShape, sizeOf, type Shape } from "../shape.js";

/** Where a new array lives and what it holds. */
export interface ArrayOptions {
  /** Element type. */
  readonly dtype?: DType;
  /** Device name; the default device when not given. */
  readonly device?: string;
}

/** What arrays are made from: numbers, booleans, (nested) lists of them, typed arrays, other arrays. */
export type ArrayLikeValue =
  | NdArray
  | number
  | boolean
  | readonly ArrayLikeValue[]
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array;

/** The backend that options name. */
export function backendFor(options: { readonly device?: string }): Backend {
  return options.device === undefined ? getDefaultBackend() : getBackend(options.device);
}

/**
 * A new array from numbers, booleans, nested lists or a typed array (NumPy's `array`).
 *
 * The dtype is float32 for numbers, bool for booleans, and a typed array's own (int32 for types that Chain has not,
 * after a check of their range), unless `dtype` says otherwise.
 *
 * @throws ValueError if nested lists are ragged.
 */
export function fromHost(value: Exclude<ArrayLikeValue, NdArray>, options: ArrayOptions = {}): NdArray {
  if (ArrayBuffer.isView(value)) {
    const [own, numbers] = typedArrayElements(value);
    return fromElements(numbers, options.dtype ?? own, [value.length], backendFor(options));
  }
  const shape: number[] = [];
  for (let level: unknown = value; Array.isArray(level); level = level[0] as unknown) shape.push(level.length);
  const flat: number[] = [];
  let booleans = true;
  const collect = (item: unknown, axis: number): void => {
    if (axis < shape.length) {
      if (!Array.isArray(item) || item.length !== shape[axis]) {
        throw new ValueError(`nested lists are ragged: expected ${shape[axis]} items on axis ${axis} throughout`);
      }
      for (const inner of item) collect(inner, axis + 1);
    } else if (typeof item === "boolean") {
      flat.push(item ? 1 : 0);
    } else if (typeof item === "number") {
      booleans = false;
      flat.push(item);
    } else {
      throw new ValueError(
        `an array is made of numbers or booleans, got ${Array.isArray(item) ? "ragged lists" : typeof item}`,
      );
    }
  };
  collect(value, 0);
  const dtype = options.dtype ?? (booleans && flat.length > 0 ? "bool" : "float32");
  return fromElements(flat, dtype, shape, backendFor(options));
}

/** A new array of `dtype` and `shape` from numbers in C order. */
export function fromElements(values: ArrayLike<number>, dtype: DType, shape: Shape, backend: Backend): NdArray {
  checkShape(shape);
  if (values.length !== sizeOf(shape)) {
    throw new ValueError(`${values.length} elements do not fill an array of shape ${formatShape(shape)}`);
  }
  const array = NdArray.allocate(backend, dtype, shape);
  writeElements(array, values);
  return array;
}

/** Writes numbers into a new array, in C order. */
export function writeElements(array: NdArray, values: ArrayLike<number>): void {
  const { backend, buffer } = array.storage;
  if (array.size > 0) backend.write(buffer, 0, encodeFast(array.dtype, values));
}

function encodeFast(dtype: DType, values: ArrayLike<number>): Uint8Array {
  const stored =
    (dtype === "float32" && values instanceof Float32Array) ||
    (dtype === "float64" && values instanceof Float64Array) ||
    (dtype === "int32" && values instanceof Int32Array) ||
    (dtype === "uint32" && values instanceof Uint32Array) ||
    (dtype === "uint8" && values instanceof Uint8Array);
  return stored ? bytesOf(values) : encode(dtype, values);
}

function typedArrayElements(value: TypedArrayLike): [DType, ArrayLike<number>] {
  if (value instanceof Float32Array) return ["float32", value];
  if (value instanceof Float64Array) return ["float64", value];
  if (value instanceof Int32Array) return ["int32", value];
  if (value instanceof Uint32Array) return ["uint32", value];
  if (value instanceof Uint8Array || value instanceof Uint8ClampedArray) return ["uint8", value];
  if (value instanceof BigInt64Array) return ["int32", Int32Array.from(value, checkedInt32)];
  return ["int32", Int32Array.from(value)];
}

function checkedInt32(value: bigint): number {
  const number = Number(value);
  if (number !== (number | 0)) throw new ValueError(`${value} does not fit into int32; there is no int64`);
  return number;
}

type TypedArrayLike = Extract<ArrayLikeValue, ArrayBufferView>;
