import { itemsize, type DType } from "../../../dtype.js";
import { InvalidType } from "../../../errors.js";
import { copyKernel } from "../../../kernel/elementwise.js";
import { mergeAxes } from "../../../kernel/layout.js";
import type { NdArray } from "../../../ndarray.js";
import type { MatmulEpilogue } from "../../../routines.js";
import { gemm, type GemmDtype } from "../matmul/gemm.js";
import type { CpuRuntime } from "../runtime.js";

const gemmTypes: readonly DType[] = ["float32", "float64", "int32", "uint32"] satisfies readonly GemmDtype[];

/** `Routines.matmul` for float32, float64, int32 and uint32. */
export function matmul(runtime: CpuRuntime, a: NdArray, b: NdArray, out: NdArray, epilogue: MatmulEpilogue): void {
  const { dtype } = out;
  if (!gemmTypes.includes(dtype)) {
    throw InvalidType.of("matmul", gemmTypes.join(", "), `${dtype}; convert with astype() first`);
  }
  const left = forward(a);
  const right = forward(b);
  const batch = out.ndim - 2;
  const leading = (strides: readonly number[]): number[] => strides.slice(0, batch);
  const { shape, strides } = mergeAxes(
    { shape: out.shape.slice(0, batch), strides: [left, right, out].map((array) => leading(array.strides)) },
    1,
  );
  const last = shape.length - 1;
  const [aBatch, bBatch, cBatch] = strides as [number[], number[], number[]];
  const [rows, columns] = [out.shape[batch] as number, out.shape[batch + 1] as number];
  const problem = {
    dtype: dtype as GemmDtype,
    m: rows,
    n: columns,
    k: left.shape[batch + 1] as number,
    aRowStride: left.strides[batch] as number,
    aColStride: left.strides[batch + 1] as number,
    bRowStride: right.strides[batch] as number,
    bColStride: right.strides[batch + 1] as number,
    cRowStride: columns,
    batch: shape[last] as number,
    aBatchStride: aBatch[last] as number,
    bBatchStride: bBatch[last] as number,
    cBatchStride: cBatch[last] as number,
    bias: epilogue.bias === null ? 0 : addressOf(epilogue.bias),
    activation: epilogue.activation,
    accumulate: epilogue.accumulate,
  };
  const size = itemsize(dtype);
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
  run(0, addressOf(left), addressOf(right), addressOf(out));
  if (left !== a) left.dispose();
  if (right !== b) right.dispose();
}

/** An array that no axis of goes backwards. */
function forward(array: NdArray): NdArray {
  return array.strides.some((stride) => stride < 0) ? copyKernel(array) : array;
}

/** Address of the first element. */
function addressOf({ storage, offset, dtype }: NdArray): number {
  return (storage.buffer as number) + offset * itemsize(dtype);
}
