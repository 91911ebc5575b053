/** 1-d arrays as sets. */
import { compose } from "../math/compose.js";
import { concatenate } from "../manipulation/concatenate.js";
import { compress } from "../indexing/compress.js";
import { ravel } from "../manipulation/ravel.js";
import { logicalNot } from "../math/logic.js";
import type { NdArray } from "../ndarray.js";
import { isFloating, promoteTypes, type DType } from "../dtype.js";
import { elementwise } from "../kernel/elementwise.js";
import * as k from "../kernel/ops.js";
import { perDType } from "../math/ufunc.js";
import { astype } from "../manipulation/astype.js";
import { sort } from "./sort.js";
import { searchsorted } from "./search.js";
import { unique } from "./unique.js";

/** Options of {@link isin}. */
export interface IsinOptions {
  /** Whether elements are not among the others, instead. */
  readonly invert?: boolean;
}

const foundKernel = perDType((dtype: DType) =>
  elementwise("isin", { uints: ["length"], buffers: ["sorted"] }, (x, at, { length, sorted }) => {
    const inside = k.lt(at, k.cast(length, "int32"));
    const element = sorted.at(k.min(at, k.sub(k.cast(length, "int32"), 1)));
    const same = k.eq(element, k.cast(x, dtype));
    return k.logicalAnd(inside, isFloating(dtype) ? k.logicalAnd(same, k.eq(element, element)) : same);
  }),
);

const noneKernel = elementwise("isin_nothing", (x) => k.ne(k.cast(x, "bool"), k.cast(x, "bool")));

/** Whether each element is among those of another array (NumPy's `isin`). NaN never is. */
export function isin(x: NdArray, elements: NdArray, { invert = false }: IsinOptions = {}): NdArray {
  return compose([x, elements], () => {
    const dtype = promoteTypes(x.dtype, elements.dtype);
    const sorted = sort(astype(ravel(elements), dtype, { copy: false }));
    const found =
      sorted.size === 0
        ? noneKernel(x)
        : foundKernel(dtype)(x, searchsorted(sorted, x), { length: sorted.size, sorted });
    return invert ? logicalNot(found) : found;
  });
}

/**
 * The different elements of either array, ascending (NumPy's `union1d`).
 *
 * @throws DeviceError on devices that cannot be read synchronously, as the functions below.
 */
export function union1d(a: NdArray, b: NdArray): NdArray {
  return compose([a, b], () => unique(concatenate([ravel(a), ravel(b)])));
}

/** The different elements that are in both arrays, ascending (NumPy's `intersect1d`). */
export function intersect1d(a: NdArray, b: NdArray): NdArray {
  return compose([a, b], () => {
    const first = unique(astype(ravel(a), promoteTypes(a.dtype, b.dtype), { copy: false }));
    return compress(isin(first, b), first);
  });
}

/** The different elements of `a` that are not in `b`, ascending (NumPy's `setdiff1d`). */
export function setdiff1d(a: NdArray, b: NdArray): NdArray {
  return compose([a, b], () => {
    const first = unique(ravel(a));
    return compress(isin(first, b, { invert: true }), first);
  });
}
