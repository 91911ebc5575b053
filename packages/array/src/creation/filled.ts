import type { Backend } from "../backend.js";
import { isFloating, type DType } from "../dtype.js";
import { elementwise } from "../kernel/elementwise.js";
import type { Expr } from "../kernel/expr.js";
import { constantOf } from "../kernel/lower.js";
import { castLike } from "../kernel/ops.js";
import { NdArray } from "../ndarray.js";
import { checkShape, type Shape } from "../shape.js";

// The array itself is an operand, so that the number takes its dtype and loses nothing on the way.
const fillKernel = elementwise("fill", (x: Expr, value: Expr) => castLike(value, x));

/** Gives every element of an array one value, converted to its dtype as C does. */
export function fillWith(out: NdArray, value: number): void {
  fillKernel.into(out, out, storable(value, out.dtype));
}

/** A number as an array of `dtype` would hold it: integers without fraction, wrapped to their range. */
export function storable(value: number, dtype: DType): number {
  if (isFloating(dtype)) return value;
  if (Number.isNaN(value)) return dtype === "bool" ? 1 : 0;
  return constantOf(value, dtype);
}

/** A new array with one value everywhere. */
export function filled(shape: Shape, value: number, dtype: DType, backend: Backend): NdArray {
  checkShape(shape);
  const array = NdArray.allocate(backend, dtype, [...shape]);
  fillWith(array, value);
  return array;
}
