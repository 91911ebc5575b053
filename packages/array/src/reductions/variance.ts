import { floatingType, isFloating, type DType } from "../dtype.js";
import { InvalidType } from "../errors.js";
import type { Expr } from "../kernel/expr.js";
import * as k from "../kernel/ops.js";
import { reduction, type ReduceOptions, type ReductionKernel } from "../kernel/reduction.js";
import type { Operand } from "../kernel/launch.js";
import { checkOut } from "../math/ufunc.js";
import type { NdArray } from "../ndarray.js";
import { mean } from "./sum.js";
import { checkArray, wideType, type TypedReductionOptions } from "./reduce.js";

/** Options of {@link variance} and {@link std}. */
export interface VarianceOptions extends TypedReductionOptions {
  /** The sum of squares is divided by the number of elements minus this; 0 by default. */
  readonly ddof?: number;
}

const kernels = new Map<string, ReductionKernel<[Operand, Operand]>>();

/** Mean squared distance from a center that is given, so that nothing cancels. */
function kernelFor(name: string, dtype: DType, ddof: number, root: boolean): ReductionKernel<[Operand, Operand]> {
  const key = `${name} ${dtype} ${ddof}`;
  let kernel = kernels.get(key);
  if (kernel === undefined) {
    kernel = reduction(name, {
      map: (x: Expr, center: Expr) => k.square(k.sub(k.cast(x, wideType(dtype)), center)),
      combine: k.add,
      identity: 0,
      finish: (total, count) => {
        const divisor = k.max(k.sub(k.castLike(count, total), ddof), 0);
        const result = k.div(total, divisor);
        return k.cast(root ? k.sqrt(result) : result, dtype);
      },
    });
    kernels.set(key, kernel);
  }
  return kernel;
}

function spread(name: string, root: boolean, x: NdArray, options: VarianceOptions): NdArray {
  checkArray(name, x);
  const { axis = null, keepdims = false, ddof = 0, out } = options;
  const dtype = options.dtype ?? floatingType(x.dtype);
  if (!isFloating(dtype)) throw InvalidType.of(`${name} (dtype)`, "a floating dtype", dtype);
  if (out !== undefined) checkOut(name, out, dtype);
  const kernel = kernelFor(name, dtype, ddof, root);
  const center = mean(x, { axis, keepdims: true, dtype: wideType(dtype) });
  const reduce: ReduceOptions = { axis, keepdims };
  if (out === undefined) {
    const result = kernel(x, center, reduce);
    center.dispose();
    return result;
  }
  kernel.into(out, x, center, reduce);
  center.dispose();
  return out;
}

/**
 * Variance: the mean squared distance from the mean, in two passes (NumPy's `var`). Integers give float32. NaN where
 * there are no more than `ddof` elements that all are equal, Infinity where they differ.
 */
export function variance(x: NdArray, options: VarianceOptions = {}): NdArray {
  return spread("var", false, x, options);
}
export { variance as var };

/** Standard deviation: the square root of the {@link variance} (NumPy's `std`). */
export function std(x: NdArray, options: VarianceOptions = {}): NdArray {
  return spread("std", true, x, options);
}
