import type { NdArray } from "../ndarray.js";
import { moveaxis } from "../manipulation/transpose.js";
import { readMatrices, writeResult } from "./host-matrices.js";

/**
 * Singular values of the matrices in axes `rows` and `columns`, in no particular order: `x`'s shape, with all of them
 * along axis `rows` and length 1 along `columns`. On the host in float64, by one-sided Jacobi rotations (Hestenes, 1958).
 */
export function singularValues(x: NdArray, rows: number, columns: number): NdArray {
  const matrices = readMatrices("norm", moveaxis(x, [rows, columns], [-2, -1]));
  const { data, batch, count } = matrices;
  // Columns are made orthogonal; there are fewer of them if the matrix lies on its side.
  const transposed = matrices.columns > matrices.rows;
  const [m, n] = transposed ? [matrices.columns, matrices.rows] : [matrices.rows, matrices.columns];
  const result = new Float64Array(count * n);
  for (let i = 0; i < count; i++) {
    const start = i * m * n;
    const vectors = Array.from({ length: n }, (_, c) =>
      Float64Array.from({ length: m }, (__, r) => data[start + (transposed ? c * m + r : r * n + c)] as number),
    );
    orthogonalize(vectors);
    vectors.forEach((vector, c) => (result[i * n + c] = Math.sqrt(inner(vector, vector))));
  }
  return moveaxis(writeResult(result, [...batch, n, 1], x), [-2, -1], [rows, columns]);
}

const sweeps = 60;

function orthogonalize(vectors: readonly Float64Array[]): void {
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let rotated = false;
    for (let i = 0; i < vectors.length; i++) {
      for (let j = i + 1; j < vectors.length; j++) {
        rotated = rotate(vectors[i] as Float64Array, vectors[j] as Float64Array) || rotated;
      }
    }
    if (!rotated) return;
  }
}

/** Turns two vectors in their plane until they are orthogonal; false if they were. */
function rotate(a: Float64Array, b: Float64Array): boolean {
  const [aa, bb, ab] = [inner(a, a), inner(b, b), inner(a, b)];
  if (!(Math.abs(ab) > 1e-15 * Math.sqrt(aa * bb))) return false;
  const zeta = (bb - aa) / (2 * ab);
  const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const cosine = 1 / Math.sqrt(1 + tangent * tangent);
  const sine = cosine * tangent;
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [a[i] as number, b[i] as number];
    a[i] = cosine * p - sine * q;
    b[i] = sine * p + cosine * q;
  }
  return true;
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
