import { zeros } from "@chain/array";
import { CooMatrix } from "../../coo-matrix.js";
import { expectEqual, expectFloating, expectNdim, expectSameDtype, invalidType } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { expandDims } from "../array/expand-dims.js";
import { getItem, scatterAdd } from "../array/get-item.js";
import { swapaxes } from "../array/swapaxes.js";
import { where } from "../array/where.js";
import { mul } from "./basic-math.js";
import type { MatmulOptions } from "./matmul.js";

/**
 * Product of a sparse and a dense matrix, or of stacks of them; the result is dense.
 *
 * Follows Chainer's `sparse_matmul`.
 *
 * @param a - A {@link CooMatrix}, or `(rows, inner)`, or `(batch, rows, inner)`, floating.
 * @param b - A dense matrix `(inner, columns)` or stack if `a` is sparse, else a {@link CooMatrix}. One of the two is sparse.
 * @returns Shape `([batch,] rows, columns)`.
 * @throws InvalidType if shapes do not fit, dtypes differ, or not exactly one operand is sparse.
 */
export function sparseMatmul(a: CooMatrix, b: VariableLike, options?: MatmulOptions): Variable;
export function sparseMatmul(a: VariableLike, b: CooMatrix, options?: MatmulOptions): Variable;
export function sparseMatmul(
  a: CooMatrix | VariableLike,
  b: CooMatrix | VariableLike,
  { transa = false, transb = false }: MatmulOptions = {},
): Variable {
  if (a instanceof CooMatrix && !(b instanceof CooMatrix)) return product(a, transa, b, transb);
  // (A·S)ᵀ = Sᵀ·Aᵀ
  if (b instanceof CooMatrix && !(a instanceof CooMatrix)) return swapaxes(product(b, !transb, a, !transa), -1, -2);
  const kind = a instanceof CooMatrix ? "sparse" : "dense";
  throw invalidType("sparseMatmul", "one sparse and one dense operand", `two ${kind} ones`);
}

/** Rows of the dense matrix, by columns of the sparse one, times its elements, added up in its rows. */
function product(sparse: CooMatrix, transposed: boolean, dense: VariableLike, denseTransposed: boolean): Variable {
  const label = "sparseMatmul";
  const { data } = sparse;
  const matrix = asArray(dense);
  expectFloating(label, "the dense operand", matrix);
  expectSameDtype(label, "sparse.data", data.array, "dense", matrix);
  expectNdim(label, "dense", matrix, data.ndim + 1);
  const b = denseTransposed ? swapaxes(dense, -1, -2) : dense;
  const [rows, inner] = (transposed ? [...sparse.shape].reverse() : sparse.shape) as [number, number];
  expectEqual(label, "inner length of the sparse matrix", inner, "that of the dense one", b.shape.at(-2) as number);
  if (data.ndim === 2)
    expectEqual(label, "sparse.data.shape[0]", data.shape[0] as number, "dense.shape[0]", b.shape[0] as number);
  const { batch, row, col } = sparse.places();
  const { dtype, device } = data;
  const elements = where(sparse.present(), data, zeros([], { dtype, device }));
  const terms = mul(expandDims(elements, -1), getItem(b, [...batch, transposed ? row : col]));
  const sums = zeros([...data.shape.slice(0, -1), rows, b.shape.at(-1) as number], { dtype, device });
  return scatterAdd(sums, [...batch, transposed ? col : row], terms);
}
