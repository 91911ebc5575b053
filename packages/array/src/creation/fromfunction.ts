import type { NdArray } from "../methods.js";
import { checkShape, sizeOf, type Shape } from "../shape.js";
import type { ArrayOptions } from "./from-host.js";
import { newArray } from "./new-array.js";

/**
 * An array of `shape` whose elements are `f(i, j, …)` of their positions, float32 unless said otherwise. Unlike NumPy's
 * `fromfunction`, it calls `f` once an element, with numbers.
 */
export function fromfunction(f: (...position: number[]) => number, shape: Shape, options: ArrayOptions = {}): NdArray {
  checkShape(shape);
  const values = new Float64Array(sizeOf(shape));
  const position = shape.map(() => 0);
  for (let i = 0; i < values.length; i++) {
    values[i] = f(...position);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++(position[axis] as number) < (shape[axis] as number)) break;
      position[axis] = 0;
    }
  }
  return newArray(values, options.dtype ?? "float32", shape, options);
}
