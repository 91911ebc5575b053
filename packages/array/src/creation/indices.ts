import type { NdArray } from "../methods.js";
import { checkShape, sizeOf, type Shape } from "../shape.js";
import type { ArrayOptions } from "./from-host.js";
import { newArray } from "./new-array.js";

/** For every position of an array of `shape` its place along each axis, the axes first: int32 (NumPy's `indices`). */
export function indices(shape: Shape, options: ArrayOptions = {}): NdArray {
  checkShape(shape);
  const size = sizeOf(shape);
  const values = new Int32Array(shape.length * size);
  let next = 0;
  shape.forEach((length, axis) => {
    const inner = sizeOf(shape.slice(axis + 1));
    for (let i = 0; i < size; i++) values[next++] = Math.floor(i / inner) % length;
  });
  return newArray(values, options.dtype ?? "int32", [shape.length, ...shape], options);
}
