import type { MatmulEpilogue, NdArray, Routines } from "@chain/array";
import { add, elementwise, lt, where } from "@chain/array/kernel";
import { addressOf } from "../address.js";
import { choose } from "./choice.js";
import { NO_TRANSPOSE, ROW_MAJOR, TRANSPOSE, type Gemm, type GemmLibraries } from "./gemm.js";

/**
 * Matrix products of float32 and float64 by the libraries that there are. What is faster on the device, operands that a library cannot be
 * told of (both strides other than one, rows that overlap) and other dtypes go to `own`, the device's routine.
 */
export function libraryMatmul({ blas, oneDnn }: GemmLibraries, own: Routines["matmul"]): Routines["matmul"] {
  const libraries = { float32: { blas, oneDnn }, float64: { blas, oneDnn: null } };
  return (a, b, out, epilogue) => {
    if (out.dtype !== "float32" && out.dtype !== "float64") return own(a, b, out, epilogue);
    const available = libraries[out.dtype];
    const left = matrixOf(a);
    const right = matrixOf(b);
    if (left === null || right === null) return own(a, b, out, epilogue);
    const [rows, n, k] = [
      out.shape[out.ndim - 2] as number,
      out.shape[out.ndim - 1] as number,
      a.shape[a.ndim - 1] as number,
    ];
    const shared = sharesMatrix(a, b);
    const m = shared ? out.size / n : rows;
    const { by, threads } = choose({ m, n, k, transposed: right.transpose === TRANSPOSE }, available);
    const library = by === "device" ? null : available[by];
    const gemm = out.dtype === "float32" ? library?.sgemm : library?.dgemm;
    if (library === null || gemm === null || gemm === undefined) return own(a, b, out, epilogue);
    library.useThreads(threads === "one" ? 1 : library.threads);
    products(gemm, a, left, b, right, out, epilogue.accumulate, shared);
    finish(out, epilogue);
    return true;
  };
}

/** How a library sees a matrix. */
interface Matrix {
  readonly transpose: typeof NO_TRANSPOSE | typeof TRANSPOSE;
  /** Elements from a row (of the transpose, a column) to the next. */
  readonly stride: number;
}

/** The last two axes as libraries take them: neighbours along one axis are neighbours in memory. */
function matrixOf({ shape, strides, ndim }: NdArray): Matrix | null {
  const [rows, columns] = [shape[ndim - 2] as number, shape[ndim - 1] as number];
  const [rowStride, columnStride] = [strides[ndim - 2] as number, strides[ndim - 1] as number];
  if (columnStride === 1 || columns === 1) {
    const stride = rows === 1 ? columns : rowStride;
    if (stride >= columns) return { transpose: NO_TRANSPOSE, stride };
  }
  if (rowStride === 1 || rows === 1) {
    const stride = columns === 1 ? rows : columnStride;
    if (stride >= rows) return { transpose: TRANSPOSE, stride };
  }
  return null;
}

/** Whether there is one matrix for the whole batch: then the rows of all of it are one tall matrix. */
function sharesMatrix(a: NdArray, b: NdArray): boolean {
  if (a.ndim === 2) return false;
  return a.contiguous && b.strides.slice(0, -2).every((stride, i) => stride === 0 || b.shape[i] === 1);
}

function products(
  gemm: Gemm,
  a: NdArray,
  left: Matrix,
  b: NdArray,
  right: Matrix,
  out: NdArray,
  accumulate: boolean,
  shared: boolean,
): void {
  const { ndim, shape, itemsize } = out;
  const [m, n, k] = [shape[ndim - 2] as number, shape[ndim - 1] as number, a.shape[ndim - 1] as number];
  const beta = accumulate ? 1 : 0;
  const multiply = (rows: number, aAt: number, bAt: number, cAt: number): void =>
    gemm(ROW_MAJOR, left.transpose, right.transpose, rows, n, k, 1, aAt, left.stride, bAt, right.stride, beta, cAt, n);
  const [aStart, bStart, cStart] = [addressOf(a), addressOf(b), addressOf(out)];
  const batchAxes = ndim - 2;
  if (batchAxes === 0) {
    multiply(m, aStart, bStart, cStart);
  } else if (shared) {
    multiply(out.size / n, aStart, bStart, cStart);
  } else {
    const visit = (axis: number, aAt: number, bAt: number, at: number): number => {
      if (axis === batchAxes) {
        multiply(m, aAt, bAt, at);
        return at + m * n * itemsize;
      }
      const [aStep, bStep] = [a, b].map(({ strides }) => (strides[axis] as number) * itemsize) as [number, number];
      let next = at;
      for (let i = 0; i < (shape[axis] as number); i++) next = visit(axis + 1, aAt + i * aStep, bAt + i * bStep, next);
      return next;
    };
    visit(0, aStart, bStart, cStart);
  }
}

const addBias = elementwise("add_bias", (x, bias) => add(x, bias));
const addBiasRelu = elementwise("add_bias_relu", (x, bias) => {
  const sum = add(x, bias);
  return where(lt(sum, 0), 0, sum);
});
const relu = elementwise("relu", (x) => where(lt(x, 0), 0, x));

/** Bias and activation, in one pass. */
function finish(out: NdArray, { bias, activation }: MatmulEpilogue): void {
  if (bias === null) {
    if (activation === "relu") relu.into(out, out);
  } else if (activation === "relu") addBiasRelu.into(out, out, bias);
  else addBias.into(out, out, bias);
}
