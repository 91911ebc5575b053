import { floatingType, promoteTypes } from "../dtype.js";
import { ValueError } from "../errors.js";
import { broadcastTo } from "../manipulation/broadcast-to.js";
import { compose } from "../math/compose.js";
import type { NdArray } from "../ndarray.js";
import { broadcastShapes, formatShape } from "../shape.js";
import { decompose, readMatrices, readSquareMatrices, substitute, writeResult } from "./host-matrices.js";

/**
 * Determinants of the matrices in the last two axes (NumPy's `linalg.det`), computed on the host in float64. Integers
 * give float32.
 *
 * @throws ValueError if matrices are not square; DeviceError where elements cannot be read synchronously.
 */
export function det(x: NdArray): NdArray {
  const { data, batch, count, rows: n } = readSquareMatrices("det", x);
  const result = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const { lu, sign, singular } = decompose(data, i * n * n, n);
    let product = singular ? 0 : sign;
    for (let j = 0; j < n; j++) product *= lu[j * n + j] as number;
    result[i] = product;
  }
  return writeResult(result, batch, x);
}

/**
 * Sign and logarithm of the absolute value of determinants, which themselves may overflow (NumPy's `linalg.slogdet`).
 *
 * @throws ValueError if matrices are not square; DeviceError where elements cannot be read synchronously.
 */
export function slogdet(x: NdArray): [sign: NdArray, logabsdet: NdArray] {
  const { data, batch, count, rows: n } = readSquareMatrices("slogdet", x);
  const [signs, logarithms] = [new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < count; i++) {
    const { lu, sign, singular } = decompose(data, i * n * n, n);
    let [total, logarithm] = [sign, 0];
    for (let j = 0; j < n; j++) {
      const pivot = lu[j * n + j] as number;
      total *= Math.sign(pivot);
      logarithm += Math.log(Math.abs(pivot));
    }
    signs[i] = singular ? 0 : total;
    logarithms[i] = singular ? -Infinity : logarithm;
  }
  return [writeResult(signs, batch, x), writeResult(logarithms, batch, x)];
}

/**
 * Inverses of the matrices in the last two axes (NumPy's `linalg.inv`), computed on the host in float64.
 *
 * @throws ValueError if a matrix is singular or not square; DeviceError where elements cannot be read synchronously.
 */
export function inv(x: NdArray): NdArray {
  const { data, count, rows: n } = readSquareMatrices("inv", x);
  const identity = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
  const result = new Float64Array(data.length);
  for (let i = 0; i < count; i++) {
    const decomposition = decompose(data, i * n * n, n);
    if (decomposition.singular) throw singularMatrix("inv");
    substitute(decomposition, n, identity, 0, n, result, i * n * n);
  }
  return writeResult(result, x.shape, x);
}

/**
 * Solutions of `a · x = b` (NumPy's `linalg.solve`): `b` is one vector (1-d), or matrices of right-hand sides in its last
 * two axes. Batch axes broadcast. Computed on the host in float64.
 *
 * @throws ValueError if a matrix is singular or shapes do not fit; DeviceError where elements cannot be read
 * synchronously.
 */
export function solve(a: NdArray, b: NdArray): NdArray {
  const vector = b.ndim === 1;
  const rows = b.shape[vector ? 0 : b.ndim - 2];
  if (a.ndim < 2 || rows !== a.shape.at(-1)) {
    throw new ValueError(`solve: shapes ${formatShape(a.shape)} and ${formatShape(b.shape)} do not fit`);
  }
  const columns = vector ? 1 : (b.shape.at(-1) as number);
  const batch = vector ? a.shape.slice(0, -2) : broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return compose([a, b], () => {
    const left = readSquareMatrices("solve", broadcastTo(a, [...batch, ...a.shape.slice(-2)]));
    const n = left.rows;
    const right = vector
      ? Float64Array.from(b.dataSync())
      : readMatrices("solve", broadcastTo(b, [...batch, n, columns])).data;
    const result = new Float64Array(left.count * n * columns);
    for (let i = 0; i < left.count; i++) {
      const decomposition = decompose(left.data, i * n * n, n);
      if (decomposition.singular) throw singularMatrix("solve");
      substitute(decomposition, n, right, vector ? 0 : i * n * columns, columns, result, i * n * columns);
    }
    const dtype = floatingType(promoteTypes(a.dtype, b.dtype));
    return writeResult(result, vector ? [...batch, n] : [...batch, n, columns], a, dtype);
  });
}

function singularMatrix(name: string): ValueError {
  return new ValueError(`${name}: a matrix is singular`);
}
