/** Batches of small dense matrices on the host: decompositions are sequential, and not what a device is good at. */
import { fromElements } from "../creation/from-host.js";
import { floatingType, type DType } from "../dtype.js";
import { ValueError } from "../errors.js";
import type { NdArray } from "../ndarray.js";
import { formatShape, sizeOf, type Shape } from "../shape.js";

/** Matrices of one size in float64, one after the other. */
export interface MatrixBatch {
  readonly data: Float64Array;
  readonly batch: Shape;
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
}

/**
 * The last two axes of `x` as matrices.
 *
 * @throws DeviceError on devices that cannot be read synchronously.
 */
export function readMatrices(name: string, x: NdArray): MatrixBatch {
  if (x.ndim < 2)
    throw new ValueError(`${name}: expected a matrix or a stack of them, got shape ${formatShape(x.shape)}`);
  const batch = x.shape.slice(0, -2);
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  return { data: Float64Array.from(x.dataSync()), batch, count: sizeOf(batch), rows, columns };
}

/** {@link readMatrices}, of square matrices. */
export function readSquareMatrices(name: string, x: NdArray): MatrixBatch {
  const matrices = readMatrices(name, x);
  if (matrices.rows !== matrices.columns) {
    throw new ValueError(`${name}: matrices must be square, got shape ${formatShape(x.shape)}`);
  }
  return matrices;
}

/** Results on the device and in the floating dtype of `like`. */
export function writeResult(values: Float64Array, shape: Shape, like: NdArray, dtype?: DType): NdArray {
  return fromElements(values, dtype ?? floatingType(like.dtype), shape, like.storage.backend);
}

/** An LU decomposition with row exchanges. */
export interface Decomposition {
  /** L below the diagonal (its own diagonal is 1) and U on and above it, rows in pivot order. */
  readonly lu: Float64Array;
  /** Which row of the matrix became row i. */
  readonly order: Int32Array;
  /** 1 or -1: the sign of that permutation. */
  readonly sign: number;
  /** Whether a pivot is 0. */
  readonly singular: boolean;
}

/** Gaussian elimination with partial pivoting of the `n × n` matrix that starts at `offset`. */
export function decompose(data: Float64Array, offset: number, n: number): Decomposition {
  const lu = data.slice(offset, offset + n * n);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const at = (i: number, j: number): number => lu[i * n + j] as number;
  let sign = 1;
  let singular = false;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let i = column + 1; i < n; i++) {
      if (Math.abs(at(i, column)) > Math.abs(at(pivot, column))) pivot = i;
    }
    if (at(pivot, column) === 0) {
      singular = true;
      continue;
    }
    if (pivot !== column) {
      for (let j = 0; j < n; j++) {
        const kept = at(column, j);
        lu[column * n + j] = at(pivot, j);
        lu[pivot * n + j] = kept;
      }
      const row = order[column] as number;
      order[column] = order[pivot] as number;
      order[pivot] = row;
      sign = -sign;
    }
    for (let i = column + 1; i < n; i++) {
      const factor = at(i, column) / at(column, column);
      lu[i * n + column] = factor;
      for (let j = column + 1; j < n; j++) lu[i * n + j] = at(i, j) - factor * at(column, j);
    }
  }
  return { lu, order, sign, singular };
}

/** Solves for `columns` right-hand sides, given row by row from `offset`; the solutions go to the same place in `out`. */
export function substitute(
  { lu, order }: Decomposition,
  n: number,
  right: Float64Array,
  offset: number,
  columns: number,
  out: Float64Array,
  outOffset: number,
): void {
  const x = new Float64Array(n);
  for (let c = 0; c < columns; c++) {
    for (let i = 0; i < n; i++) {
      let value = right[offset + (order[i] as number) * columns + c] as number;
      for (let j = 0; j < i; j++) value -= (lu[i * n + j] as number) * (x[j] as number);
      x[i] = value;
    }
    for (let i = n - 1; i >= 0; i--) {
      let value = x[i] as number;
      for (let j = i + 1; j < n; j++) value -= (lu[i * n + j] as number) * (x[j] as number);
      x[i] = value / (lu[i * n + i] as number);
    }
    for (let i = 0; i < n; i++) out[outOffset + i * columns + c] = x[i] as number;
  }
}
