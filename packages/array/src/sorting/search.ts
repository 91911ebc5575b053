import { fromElements } from "../creation/from-host.js";
import { isFloating, type DType } from "../dtype.js";
import { ValueError } from "../errors.js";
import { elementwise } from "../kernel/elementwise.js";
import type { Expr } from "../kernel/expr.js";
import type { Operand } from "../kernel/launch.js";
import * as k from "../kernel/ops.js";
import { astype } from "../manipulation/astype.js";
import { ascontiguousarray } from "../manipulation/copy.js";
import { commonDType } from "../math/ufunc.js";
import { compose } from "../math/compose.js";
import type { NdArray } from "../ndarray.js";
import { formatShape } from "../shape.js";

/** Options of {@link searchsorted}. */
export interface SearchsortedOptions {
  /** Before ("left", the default) or after elements that equal the value. */
  readonly side?: "left" | "right";
}

type Side = "left" | "right";

/** Binary search with a fixed number of steps: `position` grows by ever smaller powers of two. */
function makeKernel(dtype: DType, side: Side, steps: number) {
  return elementwise("searchsorted", { uints: ["length"], buffers: ["sorted"] }, (given, { length, sorted }) => {
    const value = k.cast(given, dtype);
    const end = k.cast(length, "int32");
    let position: Expr = k.sub(end, end);
    for (let step = 2 ** (steps - 1); step >= 1; step /= 2) {
      const probe = k.add(position, step);
      const element = sorted.at(k.sub(k.min(probe, end), 1));
      const before = side === "left" ? less(element, value, dtype) : k.logicalNot(less(value, element, dtype));
      position = k.where(k.logicalAnd(k.le(probe, end), before), probe, position);
    }
    return position;
  });
}

const kernels = new Map<string, ReturnType<typeof makeKernel>>();

function kernelFor(dtype: DType, side: Side, steps: number): ReturnType<typeof makeKernel> {
  const key = `${dtype} ${side} ${steps}`;
  let kernel = kernels.get(key);
  if (kernel === undefined) {
    kernel = makeKernel(dtype, side, steps);
    kernels.set(key, kernel);
  }
  return kernel;
}

/** The order that sorting uses: NaN after everything else. */
function less(a: Expr, b: Expr, dtype: DType): Expr {
  if (!isFloating(dtype)) return k.lt(a, b);
  return k.logicalOr(k.lt(a, b), k.logicalAnd(k.isnan(b), k.logicalNot(k.isnan(a))));
}

/**
 * Where elements would have to be inserted to keep an ascending 1-d array in order: int32 positions of the shape of
 * `values` (NumPy's `searchsorted`).
 *
 * @throws ValueError if `sorted` is not 1-d.
 */
export function searchsorted(sorted: NdArray, values: Operand, { side = "left" }: SearchsortedOptions = {}): NdArray {
  if (sorted.ndim !== 1) {
    throw new ValueError(`searchsorted: expected a 1-d array to search in, got shape ${formatShape(sorted.shape)}`);
  }
  return compose([sorted, values], () => {
    const dtype = commonDType([sorted, values]);
    const { backend } = sorted.storage;
    const wanted = typeof values === "number" ? fromElements([values], dtype, [], backend) : values;
    const length = sorted.size;
    const list = ascontiguousarray(astype(sorted, dtype, { copy: false }));
    // An empty list is never read, but a buffer has at least one element.
    const buffer = length > 0 ? list : fromElements([0], dtype, [1], backend);
    return kernelFor(dtype, side, Math.ceil(Math.log2(length + 1)))(wanted, { length, sorted: buffer });
  });
}

/** Options of {@link digitize}. */
export interface DigitizeOptions {
  /** Whether bins contain their right edge instead of their left one. */
  readonly right?: boolean;
}

/** The number of the bin that elements fall into, by ascending edges; 0 is below all, int32 (NumPy's `digitize`). */
export function digitize(x: Operand, bins: NdArray, { right = false }: DigitizeOptions = {}): NdArray {
  return searchsorted(bins, x, { side: right ? "left" : "right" });
}
