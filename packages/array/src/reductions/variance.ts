import { floatingType, isFloating, type DType } from "../dtype.js";
import { InvalidType } from "../errors.js";
import type { Expr } from "../kernel/expr.js";
import * as k from "../kernel/ops.js";
import { reduction, type ReduceOptions, type ReductionKernel } from "../kernel/reduction.js";
import type { Operand } from "../kernel/launch.js";
import { checkOut } from "../math/ufunc.js";
import type { NdArray } from "../ndarray.js";
import { getItem } from "../indexing/get-item.js";
import { slice } from "../indexing/slice.js";
import { normalizeAxes, type Axis } from "../shape.js";
import { mean } from "./sum.js";
import { checkArray, wideType, type TypedReductionOptions } from "./reduce.js";

/** Options of {@link variance} and {@link std}. */
export interface VarianceOptions extends TypedReductionOptions {
  /** The sum of squares is divided by the number of elements minus this; 0 by default. */
  readonly ddof?: number;
}

const kernels = new Map<string, ReductionKernel<[Operand, Operand]>>();

/** From how many elements on a mean of some of them is taken first, instead of one of all. */
const many = 256;

/**
 * Mean squared distance from the mean, given a number near it, in one pass: by sums of distances from that number, and of their
 * squares. What cancels is the square of its own distance from the mean.
 */
function kernelFor(name: string, dtype: DType, ddof: number, root: boolean): ReductionKernel<[Operand, Operand]> {
  const key = `${name} ${dtype} ${ddof}`;
  let kernel = kernels.get(key);
  if (kernel === undefined) {
    kernel = reduction(name, {
      map: (x: Expr, near: Expr) => {
        const distance = k.sub(k.cast(x, wideType(dtype)), near);
        return [distance, k.square(distance)];
      },
      combine: ([a, b], [c, d]) => [k.add(a as Expr, c as Expr), k.add(b as Expr, d as Expr)],
      identity: [0, 0],
      finish: ([distances, squares], count) => {
        const [sum, total] = [distances as Expr, squares as Expr];
        const divisor = k.max(k.sub(k.castLike(count, total), ddof), 0);
        const own = k.mul(k.div(sum, count), sum);
        // Squares that are too large make it infinite, an infinite element NaN.
        const sound = k.where(k.lt(total, Infinity), k.max(k.sub(total, own), 0), k.add(total, k.mul(sum, 0)));
        const result = k.div(sound, divisor);
        return k.cast(root ? k.sqrt(result) : result, dtype);
      },
    });
    kernels.set(key, kernel);
  }
  return kernel;
}

/**
 * A number near the mean: that of a sixteenth of the elements, where they are many. The mean of a part `p` of some numbers is at most
 * `√(1/p - 1)` standard deviations from the mean of all, so that no more than a digit of the variance cancels.
 */
function nearMean(x: NdArray, axis: Axis | undefined, dtype: DType): NdArray {
  const axes = normalizeAxes(axis, x.ndim);
  const count = axes.reduce((product, i) => product * (x.shape[i] as number), 1);
  if (count < many) return mean(x, { axis, keepdims: true, dtype });
  const longest = axes.reduce((best, i) => ((x.shape[i] as number) > (x.shape[best] as number) ? i : best));
  const part = x.shape.map((length, i) => slice(0, i === longest ? Math.ceil(length / 16) : length));
  // A view holds on to the memory of what it shows.
  const elements = getItem(x, part);
  const near = mean(elements, { axis, keepdims: true, dtype });
  elements.dispose();
  return near;
}

function spread(name: string, root: boolean, x: NdArray, options: VarianceOptions): NdArray {
  checkArray(name, x);
  const { axis = null, keepdims = false, ddof = 0, out } = options;
  const dtype = options.dtype ?? floatingType(x.dtype);
  if (!isFloating(dtype)) throw InvalidType.of(`${name} (dtype)`, "a floating dtype", dtype);
  if (out !== undefined) checkOut(name, out, dtype);
  const kernel = kernelFor(name, dtype, ddof, root);
  const near = nearMean(x, axis, wideType(dtype));
  const reduce: ReduceOptions = { axis, keepdims };
  if (out === undefined) {
    const result = kernel(x, near, reduce);
    near.dispose();
    return result;
  }
  kernel.into(out, x, near, reduce);
  near.dispose();
  return out;
}

/**
 * Variance: the mean squared distance from the mean (NumPy's `var`). Integers give float32. NaN where
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
