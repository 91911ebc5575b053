import { array, ValueError, type NdArray } from "@chain/array";
import { listOf } from "./checked-function.js";
import { innerProduct, moved } from "./directions.js";

/**
 * The gradients of `Σ fn(inputs) · gradOutputs`, by central differences one element at a time (Chainer's
 * `numerical_grad`). Arrays of float64 give the most digits.
 */
export async function numericalGrad(
  fn: (...xs: NdArray[]) => NdArray | readonly NdArray[],
  inputs: readonly NdArray[],
  gradOutputs: readonly (NdArray | null)[],
  { eps = 1e-3 }: { readonly eps?: number } = {},
): Promise<NdArray[]> {
  const evaluate = async (xs: NdArray[]): Promise<number> => {
    const ys = listOf(fn(...xs));
    if (ys.length !== gradOutputs.length) {
      throw new ValueError(
        `numericalGrad: the function gives ${ys.length} outputs for ${gradOutputs.length} gradients`,
      );
    }
    let sum = 0;
    for (let i = 0; i < ys.length; i++) {
      const gy = gradOutputs[i];
      if (gy !== null && gy !== undefined) sum += await innerProduct(ys[i] as NdArray, gy);
    }
    return sum;
  };
  const results: NdArray[] = [];
  for (let k = 0; k < inputs.length; k++) {
    const x = inputs[k] as NdArray;
    const gradient = new Float64Array(x.size);
    for (let i = 0; i < x.size; i++) {
      const unit = new Float64Array(x.size);
      unit[i] = 1;
      const along = async (factor: number): Promise<number> => evaluate(inputs.with(k, await moved(x, unit, factor)));
      gradient[i] = ((await along(eps)) - (await along(-eps))) / (2 * eps);
    }
    results.push(array(gradient, { dtype: x.dtype, device: x.device }).reshape(x.shape));
  }
  return results;
}
