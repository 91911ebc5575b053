import type { DType } from "../dtype.js";
import { NdArray } from "../methods.js";
import type { Shape } from "../shape.js";
import { backendFor, writeElements, type ArrayOptions } from "./from-host.js";

/**
 * A new array for users, with the methods that come with this module's NdArray: from as many numbers, in C order, as
 * `shape` holds.
 */
export function newArray(values: ArrayLike<number>, dtype: DType, shape: Shape, options: ArrayOptions): NdArray {
  const array = NdArray.allocate(backendFor(options), dtype, shape);
  writeElements(array, values);
  return array;
}
