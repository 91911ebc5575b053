import { astype, ChainError, isFloating, NdArray, ones, ValueError, type DType } from "@chain/array";
import { Variable } from "../variable.js";

/** A gradient, or a result, differs from what it should be. */
export class GradientCheckError extends ChainError {
  override readonly name = "GradientCheckError";
}

/** A function under test: Variables in, one Variable or several out. */
export type CheckedFunction = (...xs: Variable[]) => Variable | readonly Variable[];

/** Arrays by output or input; null for a gradient of ones (an output) or none. */
export type CheckedGradients = NdArray | readonly (NdArray | null)[] | null;

/** One array or several, as a list. */
export function listOf<T extends NdArray | null>(arrays: T | readonly T[]): readonly T[] {
  return arrays instanceof NdArray || arrays === null ? [arrays] : arrays;
}

/** One output or several, as a list. */
export function outputsOf(result: Variable | readonly Variable[]): readonly Variable[] {
  return result instanceof Variable ? [result] : result;
}

/** A floating array in another floating dtype. */
export function converted(x: NdArray, dtype: DType | null): NdArray {
  return dtype === null || !isFloating(x.dtype) ? x : astype(x, dtype, { copy: false });
}

/** Gradients of outputs in the dtype of a check, ones where none are given. */
export function gradientsOf(given: CheckedGradients, outputs: readonly Variable[], dtype: DType | null): NdArray[] {
  const list = given === null ? [] : listOf(given);
  if (list.length > 0 && list.length !== outputs.length) {
    throw new ValueError(`${list.length} gradients were given for ${outputs.length} outputs`);
  }
  return outputs.map((y, i) => {
    const gradient = list[i] ?? null;
    return gradient === null ? ones(y.shape, { dtype: y.dtype, device: y.device }) : converted(gradient, dtype);
  });
}
