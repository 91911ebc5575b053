import type { NdArray } from "./ndarray.js";

/** What a matrix product does with a row of results before it is stored. */
export type Activation = "none" | "relu";

/** Extras of a matrix product. */
export interface MatmulEpilogue {
  /** Added to every row: a contiguous array of length N. */
  readonly bias: NdArray | null;
  readonly activation: Activation;
  /** Adds to what `out` holds instead of replacing it. */
  readonly accumulate: boolean;
}

/**
 * The hand-tuned operations beside generated kernels. A backend has any of them; callers go through the functions of
 * this package, which compose what is missing from kernels. Arguments have been checked, results are allocated.
 */
export interface Routines {
  /**
   * `out[…, M, N] = a[…, M, K] · b[…, K, N]`: all of one dtype, batch axes broadcast to `out`'s (stride 0), any strides
   * for `a` and `b`, `out` contiguous.
   */
  matmul(a: NdArray, b: NdArray, out: NdArray, epilogue: MatmulEpilogue): void;
  /** `out[i, …] = x[indices[i], …]`: x, out contiguous 2-d (rows), indices contiguous int32 1-d, all within range. */
  gather(x: NdArray, indices: NdArray, out: NdArray): void;
  /** `out[indices[i], …] += x[i, …]` in order of i: x, out contiguous 2-d, indices contiguous int32 1-d, within range. */
  scatterAdd(x: NdArray, indices: NdArray, out: NdArray): void;
  /** Stable order of every row of contiguous 2-d `x`, NaN last, into int32 `out`. */
  argsort(x: NdArray, out: NdArray): void;
  /** Running sums or products along the rows of contiguous 2-d `x`, all of one dtype. */
  scan(x: NdArray, out: NdArray, operation: "sum" | "prod"): void;
}
