import type { DType } from "../dtype.js";
import { NdArray } from "../methods.js";
import { checkShape, type Shape } from "../shape.js";
import { copyto } from "../manipulation/copy.js";
import { filled } from "./filled.js";
import { backendFor, fromHost, type ArrayLikeValue, type ArrayOptions } from "./from-host.js";

/** Options of functions that make an array like another: what is not given is taken from that one. */
export interface LikeOptions extends ArrayOptions {
  readonly shape?: number | Shape;
}

/** A new array of zeros, float32 unless said otherwise (NumPy's `zeros`). */
export function zeros(shape: number | Shape, options: ArrayOptions = {}): NdArray {
  return make(shape, 0, options.dtype, options);
}

/** A new array of ones, float32 unless said otherwise (NumPy's `ones`). */
export function ones(shape: number | Shape, options: ArrayOptions = {}): NdArray {
  return make(shape, 1, options.dtype, options);
}

/** A new array whose elements are whatever the memory held (NumPy's `empty`). */
export function empty(shape: number | Shape, options: ArrayOptions = {}): NdArray {
  return make(shape, null, options.dtype, options);
}

/**
 * A new array filled with a value (NumPy's `full`): a number (float32 unless said otherwise), a boolean (bool), or an
 * array or lists that broadcast to `shape`.
 */
export function full(shape: number | Shape, value: ArrayLikeValue, options: ArrayOptions = {}): NdArray {
  if (typeof value === "number") return make(shape, value, options.dtype, options);
  if (typeof value === "boolean") return make(shape, Number(value), options.dtype ?? "bool", options);
  const source = value instanceof NdArray ? value : fromHost(value, { device: options.device });
  const result = make(shape, null, options.dtype ?? source.dtype, {
    device: options.device ?? source.device,
  });
  copyto(result, source);
  if (source !== value) source.dispose();
  return result;
}

/** Zeros of `x`'s shape, dtype and device (NumPy's `zeros_like`). */
export function zerosLike(x: NdArray, options: LikeOptions = {}): NdArray {
  return makeLike(x, 0, options);
}

/** Ones of `x`'s shape, dtype and device (NumPy's `ones_like`). */
export function onesLike(x: NdArray, options: LikeOptions = {}): NdArray {
  return makeLike(x, 1, options);
}

/** An array of `x`'s shape, dtype and device with undefined contents (NumPy's `empty_like`). */
export function emptyLike(x: NdArray, options: LikeOptions = {}): NdArray {
  return makeLike(x, null, options);
}

/** An array of `x`'s shape, dtype and device filled with a value (NumPy's `full_like`). */
export function fullLike(x: NdArray, value: ArrayLikeValue, options: LikeOptions = {}): NdArray {
  const { shape = x.shape, dtype = x.dtype, device = x.device } = options;
  return full(shape, value, { dtype, device });
}

function make(shape: number | Shape, value: number | null, dtype: DType = "float32", options: ArrayOptions): NdArray {
  const lengths = typeof shape === "number" ? [shape] : [...shape];
  checkShape(lengths);
  const backend = backendFor(options);
  return value === null ? NdArray.allocate(backend, dtype, lengths) : filled(lengths, value, dtype, backend);
}

function makeLike(x: NdArray, value: number | null, options: LikeOptions): NdArray {
  const { shape = x.shape, dtype = x.dtype, device = x.device } = options;
  return make(shape, value, dtype, { device });
}
