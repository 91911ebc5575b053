import { accumulatorType, type DType } from "../dtype.js";
import { elementwise } from "../kernel/elementwise.js";
import * as k from "../kernel/ops.js";
import { astype } from "../manipulation/astype.js";
import { ascontiguousarray, copy, copyto } from "../manipulation/copy.js";
import { ravel } from "../manipulation/ravel.js";
import { reshape } from "../manipulation/reshape.js";
import { moveaxis } from "../manipulation/transpose.js";
import { checkOut } from "../math/ufunc.js";
import { compose } from "../math/compose.js";
import { NdArray } from "../ndarray.js";
import { normalizeAxis } from "../shape.js";
import { checkArray } from "./reduce.js";

/** Options of {@link cumsum} and {@link cumprod}. */
export interface CumulativeOptions {
  /** The axis to run along, or `null` for the flattened array (the default). */
  readonly axis?: number | null;
  /** The dtype to compute in; as for `sum` by default. */
  readonly dtype?: DType;
  readonly out?: NdArray;
}

/** Running sums: element i is the sum of elements 0 to i (NumPy's `cumsum`). */
export function cumsum(x: NdArray, options: CumulativeOptions = {}): NdArray {
  return cumulative("sum", x, options);
}

/** Running products: element i is the product of elements 0 to i (NumPy's `cumprod`). */
export function cumprod(x: NdArray, options: CumulativeOptions = {}): NdArray {
  return cumulative("prod", x, options);
}

type Operation = "sum" | "prod";

function cumulative(operation: Operation, x: NdArray, { axis = null, dtype, out }: CumulativeOptions): NdArray {
  const name = `cum${operation}`;
  checkArray(name, x);
  const type = dtype ?? accumulatorType(x.dtype);
  if (out !== undefined) checkOut(name, out, type);
  const along = axis === null ? 0 : normalizeAxis(axis, x.ndim);
  const result = compose([x], () => {
    const flat = axis === null ? ravel(x) : x;
    const rows = moveaxis(astype(flat, type, { copy: false }), along, -1);
    const length = rows.shape.at(-1) as number;
    const matrix = reshape(ascontiguousarray(rows), [length === 0 ? 0 : rows.size / length, length]);
    return moveaxis(reshape(scanRows(matrix, operation), rows.shape), -1, along);
  });
  if (out === undefined) return result;
  copyto(out, result);
  result.dispose();
  return out;
}

/** Running sums or products along the rows of a contiguous matrix, in its dtype. */
export function scanRows(x: NdArray, operation: Operation): NdArray {
  const { backend } = x.storage;
  const out = NdArray.allocate(backend, x.dtype, x.shape);
  if (x.size === 0) return out;
  if (backend.routines.scan === undefined) {
    out.dispose();
    return scanBySteps(x, operation);
  }
  backend.routines.scan(x, out, operation);
  return out;
}

const stepKernels = { sum: stepKernel("sum"), prod: stepKernel("prod") };

function stepKernel(operation: Operation) {
  return elementwise(
    `scan_${operation}`,
    { uints: ["step", "length"], buffers: ["from"] },
    (x, { step, length, from }) => {
      const distance = k.cast(step, "int32");
      const inside = k.ge(k.fmod(k.index, k.cast(length, "int32")), distance);
      const earlier = from.at(k.where(inside, k.sub(k.index, distance), k.index));
      return k.where(inside, operation === "sum" ? k.add(x, earlier) : k.mul(x, earlier), x);
    },
  );
}

/** Doubles the length of finished runs with every step (Hillis and Steele, "Data parallel algorithms", 1986). */
export function scanBySteps(x: NdArray, operation: Operation): NdArray {
  const length = x.shape[1] as number;
  if (length < 2) return copy(x);
  let from = x;
  for (let step = 1; step < length; step *= 2) {
    const next = stepKernels[operation](from, { step, length, from });
    if (from !== x) from.dispose();
    from = next;
  }
  return from;
}
