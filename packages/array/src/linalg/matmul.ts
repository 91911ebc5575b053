import { isFloating, promoteTypes } from "../dtype.js";
import { ValueError } from "../errors.js";
import type { Expr } from "../kernel/expr.js";
import * as k from "../kernel/ops.js";
import { reduction } from "../kernel/reduction.js";
import { astype } from "../manipulation/astype.js";
import { reshape } from "../manipulation/reshape.js";
import { copyto } from "../manipulation/copy.js";
import { compose } from "../math/compose.js";
import { checkOut, perDType } from "../math/ufunc.js";
import type { NdArray } from "../ndarray.js";
import { formatShape, sameShape } from "../shape.js";
import { checkArray, wideType } from "../reductions/reduce.js";
import { matmulInto } from "./matmul-into.js";

/** Options of matrix products. */
export interface ProductOptions {
  /** Where the result goes; it must have the result's shape. It is also what the function returns. */
  readonly out?: NdArray;
}

/**
 * Matrix product (NumPy's `matmul`, `@`): the last two axes are matrices, the others broadcast. A 1-d array is a row on
 * the left and a column on the right, and that axis is gone from the result.
 *
 * @throws ValueError if shapes do not fit, or for a 0-d array.
 */
export function matmul(a: NdArray, b: NdArray, options?: ProductOptions): NdArray {
  if (options === undefined && a.dtype === b.dtype && a.ndim >= 2 && b.ndim >= 2) return matmulInto(a, b);
  checkArray("matmul", a);
  checkArray("matmul", b);
  if (a.ndim === 0 || b.ndim === 0) {
    throw new ValueError("matmul: a 0-d array is no matrix; use multiply() to scale");
  }
  const result = compose([a, b], () => product(a, b));
  return options?.out === undefined ? result : stored("matmul", result, options.out);
}

/** Sum of products of two vectors: what is read once is not worth the preparations of a matrix product. */
const innerProduct = perDType((dtype) =>
  reduction("inner_product", {
    map: (x: Expr, y: Expr) => k.mul(k.cast(x, wideType(dtype)), k.cast(y, wideType(dtype))),
    combine: k.add,
    identity: 0,
    finish: (total) => k.cast(total, dtype),
  }),
);

function product(a: NdArray, b: NdArray): NdArray {
  const dtype = promoteTypes(a.dtype, b.dtype);
  if (a.ndim === 1 && b.ndim === 1 && a.size === b.size && isFloating(dtype)) return innerProduct(dtype)(a, b);
  const left = astype(a.ndim === 1 ? reshape(a, [1, a.size]) : a, dtype, { copy: false });
  const right = astype(b.ndim === 1 ? reshape(b, [b.size, 1]) : b, dtype, { copy: false });
  const result = matmulInto(left, right);
  const { shape } = result;
  if (a.ndim > 1 && b.ndim > 1) return result;
  const rest = shape.slice(0, -2);
  return reshape(result, [
    ...rest,
    ...(a.ndim > 1 ? [shape.at(-2) as number] : []),
    ...(b.ndim > 1 ? [shape.at(-1) as number] : []),
  ]);
}

/** Moves a result into `out`. */
export function stored(name: string, result: NdArray, out: NdArray): NdArray {
  checkOut(name, out, result.dtype);
  if (!sameShape(out.shape, result.shape)) {
    throw new ValueError(`${name}: out has shape ${formatShape(out.shape)}, expected ${formatShape(result.shape)}`);
  }
  copyto(out, result);
  result.dispose();
  return out;
}
