import { itemsize, type DType } from "../../../dtype.js";
import { copyKernel } from "../../../kernel/elementwise-core.js";
import { mergeAxes } from "../../../kernel/layout.js";
import type { NdArray } from "../../../ndarray.js";
import type { MatmulEpilogue } from "../../../routines.js";
import { gemm, type GemmDtype, type GemmProblem } from "../matmul/gemm.js";
import type { CpuRuntime } from "../runtime.js";

const gemmTypes: readonly DType[] = ["float32", "float64", "int32", "uint32"] satisfies readonly GemmDtype[];

/** `Routines.matmul` for float32, float64, int32 and uint32. */
export function matmul(runtime: CpuRuntime, a: NdArray, b: NdArray, out: NdArray, epilogue: MatmulEpilogue): boolean {
  if (!gemmTypes.includes(out.dtype)) return false;
  const left = forward(a);
  const right = forward(b);
  if (out.ndim === 2) gemm(runtime, problemOf(left, right, out, epilogue, noBatch));
  else products(runtime, left, right, out, epilogue);
  if (left !== a) left.dispose();
  if (right !== b) right.dispose();
  return true;
}

/** How many products there are, and how far apart their operands lie. */
type Batch = Pick<GemmProblem, "batch" | "aBatchStride" | "bBatchStride" | "cBatchStride">;

const noBatch: Batch = { batch: 1, aBatchStride: 0, bBatchStride: 0, cBatchStride: 0 };

/** The products of the matrices in the last two axes, from the first of each operand on. */
function problemOf(a: NdArray, b: NdArray, out: NdArray, epilogue: MatmulEpilogue, batch: Batch): GemmProblem {
  const axis = out.ndim - 2;
  const columns = out.shape[axis + 1] as number;
  return {
    dtype: out.dtype as GemmDtype,
    m: out.shape[axis] as number,
    n: columns,
    k: a.shape[axis + 1] as number,
    a: addressOf(a),
    b: addressOf(b),
    c: addressOf(out),
    aRowStride: a.strides[axis] as number,
    aColStride: a.strides[axis + 1] as number,
    bRowStride: b.strides[axis] as number,
    bColStride: b.strides[axis + 1] as number,
    cRowStride: columns,
    batch: batch.batch,
    aBatchStride: batch.aBatchStride,
    bBatchStride: batch.bBatchStride,
    cBatchStride: batch.cBatchStride,
    bias: epilogue.bias === null ? 0 : addressOf(epilogue.bias),
    activation: epilogue.activation,
    accumulate: epilogue.accumulate,
  };
}

/** Products over batch axes: the innermost one that they can be merged to in one call, the others in loops. */
function products(runtime: CpuRuntime, a: NdArray, b: NdArray, out: NdArray, epilogue: MatmulEpilogue): void {
  const axes = out.ndim - 2;
  const { shape, strides } = mergeAxes(
    { shape: out.shape.slice(0, axes), strides: [a, b, out].map((array) => array.strides.slice(0, axes)) },
    1,
  );
  const last = shape.length - 1;
  const [aBatch, bBatch, cBatch] = strides as [number[], number[], number[]];
  const problem = problemOf(a, b, out, epilogue, {
    batch: shape[last],
    aBatchStride: aBatch[last],
    bBatchStride: bBatch[last],
    cBatchStride: cBatch[last],
  });
  const size = itemsize(out.dtype);
  const run = (axis: number, aAt: number, bAt: number, cAt: number): void => {
    if (axis === last) {
      gemm(runtime, { ...problem, a: aAt, b: bAt, c: cAt });
      return;
    }
    for (let i = 0; i < (shape[axis] as number); i++) {
      const along = (own: number[]): number => i * (own[axis] as number) * size;
      run(axis + 1, aAt + along(aBatch), bAt + along(bBatch), cAt + along(cBatch));
    }
  };
  run(0, problem.a, problem.b, problem.c);
}

/** An array that no axis of goes backwards. */
function forward(array: NdArray): NdArray {
  return array.strides.some((stride) => stride < 0) ? copyKernel(array) : array;
}

/** Address of the first element. */
function addressOf({ storage, offset, dtype }: NdArray): number {
  return (storage.buffer as number) + offset * itemsize(dtype);
}
