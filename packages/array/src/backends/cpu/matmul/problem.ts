import { ValueError } from "../../../errors.js";
import type { GemmDtype } from "./lanes.js";

/** What is applied to each element of the result. */
export type GemmActivation = "none" | "relu";

/**
 * C = activation(A·B + bias), or C += A·B, for each matrix of a batch. A is m × k, B k × n and C m × n. Pointers are byte
 * addresses in the runtime's memory, strides are in elements and not negative ones. A and B may be transposed, broadcast or
 * otherwise strided; the columns of C are contiguous. C must not overlap A, B or the bias.
 */
export interface GemmProblem {
  readonly dtype: GemmDtype;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: number;
  readonly aRowStride: number;
  readonly aColStride: number;
  readonly b: number;
  readonly bRowStride: number;
  readonly bColStride: number;
  readonly c: number;
  readonly cRowStride: number;
  /** Number of matrices; 1 if absent. */
  readonly batch?: number;
  /** From one matrix to the next; 0 uses the same one each time. C's must keep its matrices apart. */
  readonly aBatchStride?: number;
  readonly bBatchStride?: number;
  readonly cBatchStride?: number;
  /** Address of n contiguous elements that are added to each row; 0 or absent for none. */
  readonly bias?: number;
  readonly activation?: GemmActivation;
  /** Add to what C holds (before bias and activation) instead of replacing it. */
  readonly accumulate?: boolean;
}

/** A problem with every choice made: what the kernels are told. Mutable, since normalising rewrites it. */
export interface NormalizedProblem {
  dtype: GemmDtype;
  m: number;
  n: number;
  k: number;
  a: number;
  aRow: number;
  aColumn: number;
  aBatch: number;
  b: number;
  bRow: number;
  bColumn: number;
  bBatch: number;
  c: number;
  cRow: number;
  cBatch: number;
  batch: number;
  bias: number;
  relu: boolean;
  accumulate: boolean;
}

/**
 * Fills in defaults and rewrites special cases as plainer ones: a batch whose matrices follow each other becomes one tall
 * matrix, a matrix times a column becomes a row times a matrix.
 *
 * @throws ValueError if a size is negative or not an integer
 */
export function normalize(problem: GemmProblem): NormalizedProblem {
  const { m, n, k, batch = 1 } = problem;
  for (const size of [m, n, k, batch]) {
    if (!(size >= 0) || !Number.isInteger(size)) {
      throw new ValueError(`gemm: expected sizes that are whole numbers, got m=${m}, n=${n}, k=${k}, batch=${batch}`);
    }
  }
  const p: NormalizedProblem = {
    dtype: problem.dtype,
    m,
    n,
    k,
    a: problem.a,
    aRow: problem.aRowStride,
    aColumn: problem.aColStride,
    aBatch: problem.aBatchStride ?? 0,
    b: problem.b,
    bRow: problem.bRowStride,
    bColumn: problem.bColStride,
    bBatch: problem.bBatchStride ?? 0,
    c: problem.c,
    cRow: problem.cRowStride,
    cBatch: problem.cBatchStride ?? 0,
    batch,
    bias: problem.bias ?? 0,
    relu: problem.activation === "relu",
    accumulate: problem.accumulate ?? false,
  };
  const stacked = p.bBatch === 0 && p.aBatch === m * p.aRow && p.cBatch === m * p.cRow;
  if (batch > 1 && (stacked || (m === 1 && p.bBatch === 0))) {
    if (!stacked) {
      p.aRow = p.aBatch;
      p.cRow = p.cBatch;
    }
    p.m = m * batch;
    p.batch = 1;
  }
  if (p.n === 1 && p.m > 1 && p.cRow === 1 && p.bias === 0) {
    const { a, aRow, aColumn, aBatch } = p;
    Object.assign(p, { m: 1, n: p.m, a: p.b, aRow: 0, aColumn: p.bRow, aBatch: p.bBatch });
    Object.assign(p, { b: a, bRow: aColumn, bColumn: aRow, bBatch: aBatch, cRow: p.m });
  }
  // A stride along an axis of length 1 is never taken: call it contiguous.
  if (p.k === 1) p.aColumn = p.bRow = 1;
  if (p.n === 1) p.bColumn = 1;
  return p;
}
