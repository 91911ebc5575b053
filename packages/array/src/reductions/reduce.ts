/** What reductions share: options, dtypes, results in given arrays. */
import type { DType } from "../dtype.js";
import { InvalidType, ValueError } from "../errors.js";
import { checkOut, perDType } from "../math/ufunc.js";
import type { ReduceOptions } from "../kernel/reduction.js";
import { NdArray } from "../ndarray.js";
import { normalizeAxes, type Axis } from "../shape.js";

/** Options of reductions. */
export interface ReductionOptions {
  /** The axis to reduce, several, or `null` for all of them (the default). Negative ones count from the end. */
  readonly axis?: Axis;
  /** Keeps reduced axes with length 1. */
  readonly keepdims?: boolean;
  /** Where the result goes; it must have the result's shape. It is also what the function returns. */
  readonly out?: NdArray;
}

/** Options of reductions that compute in a dtype of choice. */
export interface TypedReductionOptions extends ReductionOptions {
  /** The dtype to compute in. */
  readonly dtype?: DType;
}

/** A kernel as the functions here call it. */
interface Kernel {
  (x: NdArray, options?: ReduceOptions): NdArray;
  into(out: NdArray, x: NdArray, options?: ReduceOptions): void;
}

/** A reduction of one array. */
export type Reduction = (x: NdArray, options?: ReductionOptions) => NdArray;
/** A reduction of one array that computes in a dtype of choice. */
export type TypedReduction = (x: NdArray, options?: TypedReductionOptions) => NdArray;

/** Makes a reduction from its kernel for a dtype; `accumulate` chooses that dtype, `result` tells what comes out. */
export function reducer(
  name: string,
  kernelFor: (dtype: DType) => Kernel,
  accumulate: (dtype: DType) => DType = (dtype) => dtype,
  result: (dtype: DType) => DType = (dtype) => dtype,
): TypedReduction {
  const kernels = perDType(kernelFor);
  return (x, options) => {
    checkArray(name, x);
    if (options === undefined) return kernels(accumulate(x.dtype))(x);
    const dtype = options.dtype ?? accumulate(x.dtype);
    return runInto(name, kernels(dtype), x, options, result(dtype));
  };
}

/** Runs a reduction, into `out` if there is one. */
export function runInto(
  name: string,
  kernel: Kernel,
  x: NdArray,
  { axis = null, keepdims = false, out }: ReductionOptions,
  dtype: DType,
): NdArray {
  if (out === undefined) return kernel(x, { axis, keepdims });
  checkOut(name, out, dtype);
  kernel.into(out, x, { axis, keepdims });
  return out;
}

/** The dtype of intermediate results: float16 is too narrow for counts and sums. */
export function wideType(dtype: DType): DType {
  return dtype === "float16" ? "float32" : dtype;
}

/** Throws for what TypeScript lets through. */
export function checkArray(name: string, x: unknown): void {
  if (!(x instanceof NdArray)) throw InvalidType.of(name, "an array", Array.isArray(x) ? "a list" : String(x));
}

/** Throws if a reduction that has no identity would have to give a result for no elements. */
export function checkNotEmpty(name: string, x: NdArray, axis: Axis | undefined): void {
  if (x.size > 0) return;
  const axes = normalizeAxes(axis, x.ndim);
  const empty = axes.some((i) => x.shape[i] === 0);
  const kept = x.shape.every((length, i) => axes.includes(i) || length > 0);
  if (empty && kept) throw new ValueError(`${name} of no elements: an axis of length 0 has none`);
}
