/** Reductions that leave NaN out. */
import { accumulatorType, floatingType, isFloating, type DType } from "../dtype.js";
import type { Expr } from "../kernel/expr.js";
import * as k from "../kernel/ops.js";
import { reduction } from "../kernel/reduction.js";
import { elementwise } from "../kernel/elementwise.js";
import { sqrt } from "../math/exponential.js";
import { positive, square, subtract } from "../math/arithmetic.js";
import { isnan, logicalNot } from "../math/logic.js";
import { astype } from "../manipulation/astype.js";
import { compose } from "../math/compose.js";
import type { NdArray } from "../ndarray.js";
import { checkArray, checkNotEmpty, reducer, wideType, type Reduction, type TypedReduction } from "./reduce.js";
import { cumprod, cumsum, type CumulativeOptions } from "./cumulative.js";
import { sum } from "./sum.js";
import type { VarianceOptions } from "./variance.js";

function without(x: Expr, replacement: number): Expr {
  return k.where(k.isnan(x), replacement, x);
}

/** Sum of the elements that are not NaN (NumPy's `nansum`). */
export const nansum: TypedReduction = reducer(
  "nansum",
  (dtype) => reduction("nansum", { map: (x: Expr) => without(k.cast(x, dtype), 0), combine: k.add, identity: 0 }),
  accumulatorType,
);

/** Product of the elements that are not NaN (NumPy's `nanprod`). */
export const nanprod: TypedReduction = reducer(
  "nanprod",
  (dtype) => reduction("nanprod", { map: (x: Expr) => without(k.cast(x, dtype), 1), combine: k.mul, identity: 1 }),
  accumulatorType,
);

/** Mean of the elements that are not NaN; NaN if there are none (NumPy's `nanmean`). */
export const nanmean: TypedReduction = reducer(
  "nanmean",
  (dtype) =>
    reduction("nanmean", {
      map: (x: Expr) => [without(k.cast(x, wideType(dtype)), 0), k.cast(k.logicalNot(k.isnan(x)), "int32")],
      combine: ([a, n], [b, m]) => [k.add(a as Expr, b as Expr), k.add(n as Expr, m as Expr)],
      identity: [0, 0],
      finish: ([total, count]) => k.cast(k.div(total as Expr, count as Expr), dtype),
    }),
  floatingType,
);

function nanExtremum(name: string, combine: (a: Expr, b: Expr) => Expr, identity: number): Reduction {
  const other = (a: Expr, b: Expr): Expr => k.where(k.isnan(a), b, k.where(k.isnan(b), a, combine(a, b)));
  const definition = (dtype: DType): { combine: (a: Expr, b: Expr) => Expr; identity: number } =>
    isFloating(dtype) ? { combine: other, identity: NaN } : { combine, identity };
  const reduce = reducer(name, (dtype) => reduction(name, { map: (x: Expr) => x, ...definition(dtype) }));
  return (x, options) => {
    checkArray(name, x);
    checkNotEmpty(name, x, options?.axis);
    return reduce(x, options);
  };
}

/** The largest element that is not NaN; NaN if there is none (NumPy's `nanmax`). */
export const nanmax: Reduction = nanExtremum("nanmax", k.max, -Infinity);
/** The smallest element that is not NaN; NaN if there is none (NumPy's `nanmin`). */
export const nanmin: Reduction = nanExtremum("nanmin", k.min, Infinity);

/** Running sums in which NaN counts as 0 (NumPy's `nancumsum`). */
export function nancumsum(x: NdArray, options?: CumulativeOptions): NdArray {
  return withoutNan(x, 0, (filled) => cumsum(filled, options));
}

/** Running products in which NaN counts as 1 (NumPy's `nancumprod`). */
export function nancumprod(x: NdArray, options?: CumulativeOptions): NdArray {
  return withoutNan(x, 1, (filled) => cumprod(filled, options));
}

const replaceKernel = elementwise("replace_nan", (x, value) => k.where(k.isnan(x), k.castLike(value, x), x));

function withoutNan(x: NdArray, replacement: number, body: (filled: NdArray) => NdArray): NdArray {
  checkArray("nancumsum", x);
  const filled = replaceKernel(x, replacement);
  const result = body(filled);
  filled.dispose();
  return result;
}

const meanSquare = elementwise("nanvar", { scalars: ["ddof"] }, (total, count, { ddof }) =>
  k.castLike(k.where(k.gt(count, ddof), k.div(total, k.sub(k.castLike(count, total), ddof)), NaN), total),
);

/** Variance of the elements that are not NaN (NumPy's `nanvar`). */
export function nanvar(x: NdArray, options: VarianceOptions = {}): NdArray {
  checkArray("nanvar", x);
  const { ddof = 0, out, axis = null, keepdims = false, dtype = floatingType(x.dtype) } = options;
  const wide = wideType(dtype);
  return compose([x, out], () => {
    const distance = subtract(x, nanmean(x, { axis, keepdims: true, dtype: wide }), { dtype: wide });
    const squares = nansum(square(distance), { axis, keepdims });
    const count = sum(logicalNot(isnan(x)), { axis, keepdims });
    const result = astype(meanSquare(squares, count, { ddof }), dtype, { copy: false });
    return out === undefined ? result : positive(result, { out });
  });
}

/** Standard deviation of the elements that are not NaN (NumPy's `nanstd`). */
export function nanstd(x: NdArray, { out, ...options }: VarianceOptions = {}): NdArray {
  return compose([x, out], () => sqrt(nanvar(x, options), out === undefined ? undefined : { out }));
}
