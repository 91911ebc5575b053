import type { DType } from "../dtype.js";
import { NdArray } from "../ndarray.js";
import { copy, copyto } from "./copy.js";

/**
 * Elements converted to another dtype (NumPy's `astype`), always as a copy unless `copy: false` is given and the dtype
 * is the array's own. Floats lose their fraction on the way to integers, integers keep their low bits, and everything but
 * 0 becomes `true`.
 */
export function astype(x: NdArray, dtype: DType, options: { readonly copy?: boolean } = {}): NdArray {
  if (dtype === x.dtype) return options.copy === false ? x : copy(x);
  const result = NdArray.allocate(x.storage.backend, dtype, x.shape);
  copyto(result, x);
  return result;
}
