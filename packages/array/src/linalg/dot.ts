import { ValueError } from "../errors.js";
import { multiply } from "../math/arithmetic.js";
import { ravel } from "../manipulation/ravel.js";
import { reshape } from "../manipulation/reshape.js";
import { compose } from "../math/compose.js";
import type { NdArray } from "../ndarray.js";
import { formatShape } from "../shape.js";
import { matmul, stored, type ProductOptions } from "./matmul.js";
import { tensordot } from "./tensordot.js";

/**
 * Dot product (NumPy's `dot`): of two vectors their inner product, of two matrices the matrix product, with a 0-d array
 * or a number the multiple; otherwise the sum over the last axis of `a` and the last but one of `b`.
 *
 * @throws ValueError if the lengths of those axes differ.
 */
export function dot(a: NdArray, b: NdArray | number, options?: ProductOptions): NdArray {
  if (typeof b === "number" || a.ndim === 0 || b.ndim === 0) return multiply(a, b, options);
  if (b.ndim <= 2 && a.ndim <= 2) return matmul(a, b, options);
  const result = tensordot(a, b, { axes: [[-1], [b.ndim === 1 ? -1 : -2]] });
  return options?.out === undefined ? result : stored("dot", result, options.out);
}

/** Sum of products over the last axes of both (NumPy's `inner`). */
export function inner(a: NdArray, b: NdArray): NdArray {
  if (a.ndim === 0 || b.ndim === 0) return multiply(a, b);
  return tensordot(a, b, { axes: [[-1], [-1]] });
}

/** All products of an element of `a` with one of `b`, both flattened: a matrix (NumPy's `outer`). */
export function outer(a: NdArray, b: NdArray, options?: ProductOptions): NdArray {
  return compose([a, b, options?.out], () => multiply(reshape(a, [a.size, 1]), reshape(b, [1, b.size]), options));
}

/** Inner product of both arrays, flattened (NumPy's `vdot`). */
export function vdot(a: NdArray, b: NdArray): NdArray {
  if (a.size !== b.size) {
    throw new ValueError(`vdot: shapes ${formatShape(a.shape)} and ${formatShape(b.shape)} hold different numbers`);
  }
  return compose([a, b], () => matmul(ravel(a), ravel(b)));
}
