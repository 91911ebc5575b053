import { fromElements } from "../creation/from-host.js";
import { ValueError } from "../errors.js";
import { elementwise } from "../kernel/elementwise.js";
import type { Expr } from "../kernel/expr.js";
import { castLike, ge, le, where } from "../kernel/ops.js";
import type { NdArray } from "../ndarray.js";
import { diagonalFrom, type DiagonalOption } from "../options.js";

const lower = elementwise("tril", (x: Expr, row: Expr, column: Expr) => where(le(column, row), x, castLike(0, x)));
const upper = elementwise("triu", (x: Expr, row: Expr, column: Expr) => where(ge(column, row), x, castLike(0, x)));

/** A copy with zeros above diagonal `k` of the last two axes (NumPy's `tril`). */
export function tril(x: NdArray, options?: DiagonalOption): NdArray {
  return triangle("tril", lower, x, diagonalFrom(options));
}

/** A copy with zeros below diagonal `k` of the last two axes (NumPy's `triu`). */
export function triu(x: NdArray, options?: DiagonalOption): NdArray {
  return triangle("triu", upper, x, diagonalFrom(options));
}

function triangle(
  name: string,
  kernel: (x: NdArray, row: NdArray, column: NdArray) => NdArray,
  x: NdArray,
  k: number,
): NdArray {
  if (x.ndim === 0) throw new ValueError(`${name}: needs an array of at least 1 axis, got 0`);
  if (!Number.isInteger(k)) throw new ValueError(`${name}: k is a whole number, got ${k}`);
  const { backend } = x.storage;
  const columns = x.shape.at(-1) as number;
  const rows = x.ndim === 1 ? columns : (x.shape.at(-2) as number);
  const row = fromElements(
    Int32Array.from({ length: rows }, (_, i) => i + k),
    "int32",
    [rows, 1],
    backend,
  );
  const column = fromElements(
    Int32Array.from({ length: columns }, (_, i) => i),
    "int32",
    [columns],
    backend,
  );
  const result = kernel(x, row, column);
  row.dispose();
  column.dispose();
  return result;
}
