import { ValueError } from "../errors.js";
import type { NdArray } from "../ndarray.js";
import { readSquareMatrices, writeResult } from "./host-matrices.js";

/**
 * Lower triangular `L` with `L · Lᵀ = x`, for the symmetric positive definite matrices in the last two axes (NumPy's
 * `linalg.cholesky`). Only the lower triangle of `x` is read. Computed on the host in float64.
 *
 * @throws ValueError if a matrix is not positive definite or not square; DeviceError where elements cannot be read
 * synchronously.
 */
export function cholesky(x: NdArray): NdArray {
  const { data, count, rows: n } = readSquareMatrices("cholesky", x);
  const result = new Float64Array(data.length);
  for (let m = 0; m < count; m++) {
    const at = (i: number, j: number): number => m * n * n + i * n + j;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let rest = data[at(i, j)] as number;
        for (let p = 0; p < j; p++) rest -= (result[at(i, p)] as number) * (result[at(j, p)] as number);
        if (i !== j) result[at(i, j)] = rest / (result[at(j, j)] as number);
        else if (rest > 0) result[at(i, i)] = Math.sqrt(rest);
        else throw new ValueError("cholesky: a matrix is not positive definite");
      }
    }
  }
  return writeResult(result, x.shape, x);
}
