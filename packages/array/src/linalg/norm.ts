import { floatingType } from "../dtype.js";
import { ValueError } from "../errors.js";
import type { Expr } from "../kernel/expr.js";
import * as k from "../kernel/ops.js";
import { reduction } from "../kernel/reduction.js";
import { absolute, positive, power } from "../math/arithmetic.js";
import { notEqual } from "../math/comparison.js";
import { astype } from "../manipulation/astype.js";
import { reshape } from "../manipulation/reshape.js";
import { compose } from "../math/compose.js";
import type { NdArray } from "../ndarray.js";
import { max, min } from "../reductions/extrema.js";
import { checkArray, wideType } from "../reductions/reduce.js";
import { sum } from "../reductions/sum.js";
import { formatShape, normalizeAxis } from "../shape.js";
import { singularValues } from "./singular-values.js";

/** Which norm: a number (Infinity and -Infinity too), the Frobenius norm, or the nuclear norm. */
export type NormOrder = number | "fro" | "nuc";

/** Options of {@link norm}. */
export interface NormOptions {
  /** `null` (the default) is the 2-norm of vectors and the Frobenius norm of matrices. */
  readonly ord?: NormOrder | null;
  /** One axis for norms of vectors, two for norms of matrices; `null` (the default) for all of a 1-d or 2-d array. */
  readonly axis?: number | readonly number[] | null;
  /** Keeps reduced axes with length 1. */
  readonly keepdims?: boolean;
  readonly out?: NdArray;
}

/**
 * Norm of vectors or matrices (NumPy's `linalg.norm`).
 *
 * Vectors: `(Σ |x|^ord)^(1/ord)`, for ±Infinity the largest or smallest `|x|`, for 0 the number of elements that are not
 * 0. Matrices: 1 and Infinity are the largest column and row sum of `|x|`, -1 and -Infinity the smallest, 2 and -2 the
 * largest and smallest singular value, "nuc" the sum of those.
 *
 * Without `ord` and `axis`, any shape is taken as one vector. Integers give float32.
 *
 * @throws ValueError for an order that vectors or matrices do not have.
 */
export function norm(x: NdArray, options: NormOrder | NormOptions = {}): NdArray {
  checkArray("norm", x);
  const { ord = null, axis = null, keepdims = false, out } = typeof options === "object" ? options : { ord: options };
  const dtype = floatingType(x.dtype);
  return compose([x, out], () => {
    const wide = astype(x, wideType(dtype), { copy: false });
    const result = astype(normOf(wide, ord, axis, keepdims), dtype, { copy: false });
    return out === undefined ? result : positive(result, { out });
  });
}

/** Reductions of absolute values and squares, which are computed as they are needed. */
const ofVectors = {
  1: reduction("norm_1", { map: (x: Expr) => k.abs(x), combine: k.add, identity: 0 }),
  2: reduction("norm_2", {
    map: (x: Expr) => k.square(x),
    combine: k.add,
    identity: 0,
    finish: (total) => k.sqrt(total),
  }),
  max: reduction("norm_max", { map: (x: Expr) => k.abs(x), combine: k.max, identity: -Infinity }),
  min: reduction("norm_min", { map: (x: Expr) => k.abs(x), combine: k.min, identity: Infinity }),
};

function normOf(
  x: NdArray,
  ord: NormOrder | null,
  axis: number | readonly number[] | null,
  keepdims: boolean,
): NdArray {
  if (axis === null && ord === null) {
    return ofVectors[2](x, { keepdims });
  }
  const axes = axis === null ? x.shape.map((_, i) => i) : typeof axis === "number" ? [axis] : axis;
  const resolved = axes.map((a) => normalizeAxis(a, x.ndim));
  const [first, second] = resolved;
  if (resolved.length === 1 && first !== undefined) return vectorNorm(x, ord ?? 2, first, keepdims);
  if (resolved.length === 2 && first !== undefined && second !== undefined && first !== second) {
    return matrixNorm(x, ord ?? "fro", first, second, keepdims);
  }
  throw new ValueError(
    `norm: give one axis (vectors) or two (matrices), got [${axes.join(", ")}] for shape ${formatShape(x.shape)}`,
  );
}

function vectorNorm(x: NdArray, ord: NormOrder, axis: number, keepdims: boolean): NdArray {
  const options = { axis, keepdims };
  switch (ord) {
    case Infinity:
      if (x.shape[axis] === 0) return max(x, options);
      return ofVectors.max(x, options);
    case -Infinity:
      if (x.shape[axis] === 0) return min(x, options);
      return ofVectors.min(x, options);
    case 0:
      return sum(astype(notEqual(x, 0), x.dtype), options);
    case 1:
      return ofVectors[1](x, options);
    case 2:
      return ofVectors[2](x, options);
    default:
      if (typeof ord === "string") throw new ValueError(`norm: vectors have no order "${ord}"; use a number`);
      return power(sum(power(absolute(x), ord), options), 1 / ord);
  }
}

function matrixNorm(x: NdArray, ord: NormOrder, rows: number, columns: number, keepdims: boolean): NdArray {
  const axis = [rows, columns];
  const sums = (over: number): NdArray => ofVectors[1](x, { axis: over, keepdims: true });
  const finish = (reduce: typeof max, values: NdArray): NdArray => {
    const result = reduce(values, { axis, keepdims: true });
    return keepdims
      ? result
      : reshape(
          result,
          x.shape.filter((_, i) => !axis.includes(i)),
        );
  };
  switch (ord) {
    case "fro":
      return ofVectors[2](x, { axis, keepdims });
    case 1:
      return finish(max, sums(rows));
    case -1:
      return finish(min, sums(rows));
    case Infinity:
      return finish(max, sums(columns));
    case -Infinity:
      return finish(min, sums(columns));
    case 2:
      return finish(max, singularValues(x, rows, columns));
    case -2:
      return finish(min, singularValues(x, rows, columns));
    case "nuc":
      return finish(sum, singularValues(x, rows, columns));
    default:
      throw new ValueError(`norm: matrices have no order ${ord}; there are 1, -1, 2, -2, ±Infinity, "fro" and "nuc"`);
  }
}
