import { zerosLike, type NdArray } from "@chain/array";
import type { Parameter } from "@chain/autograd";
import { scaled } from "./kernels.js";

/** The gradient to update with: zeros where there is none, and without the factor of a scaled loss. */
export function completeGradient(param: Parameter): NdArray {
  const { grad, lossScale } = param;
  if (grad !== null && lossScale === null) return grad;
  const complete = grad === null ? zerosLike(param.array) : scaled(grad, 1 / (lossScale ?? 1));
  replaceGradient(param, complete);
  return complete;
}

/** Gives every gradient memory of its own, so that hooks may write into them. */
export function separateGradients(params: readonly Parameter[]): void {
  const seen = new Set<object>();
  for (const param of params) {
    const { grad } = param;
    if (grad === null) continue;
    if (grad.base !== null || !grad.contiguous || seen.has(grad.storage)) replaceGradient(param, grad.copy());
    else seen.add(grad.storage);
  }
}

/** A parameter's gradient, in memory that may be written to. */
export function writableGradient(param: Parameter): NdArray {
  const grad = completeGradient(param);
  if (grad.base === null && grad.contiguous) return grad;
  const own = grad.copy();
  replaceGradient(param, own);
  return own;
}

/** Gives up the old gradient. */
function replaceGradient(param: Parameter, grad: NdArray): void {
  param.cleargrad();
  param.grad = grad;
}
