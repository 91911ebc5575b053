/** Products and traces that need no matrix product. */
import { ValueError } from "../errors.js";
import { multiply, subtract } from "../math/arithmetic.js";
import { broadcastTo } from "../manipulation/broadcast-to.js";
import { concatenate } from "../manipulation/concatenate.js";
import { moveaxis } from "../manipulation/transpose.js";
import { reshape } from "../manipulation/reshape.js";
import { compose } from "../math/compose.js";
import type { NdArray } from "../ndarray.js";
import { sum } from "../reductions/sum.js";
import type { TypedReductionOptions } from "../reductions/reduce.js";
import { broadcastShapes, formatShape, normalizeAxis } from "../shape.js";
import { viewOf } from "../views.js";

/** Options of {@link trace}. */
export interface TraceOptions extends Omit<TypedReductionOptions, "axis" | "keepdims"> {
  /** Which diagonal: 0 the main one, positive above it. */
  readonly offset?: number;
  /** The axes that hold the matrices; the first two by default. */
  readonly axis1?: number;
  readonly axis2?: number;
}

/** Sum along a diagonal (NumPy's `trace`). */
export function trace(x: NdArray, given: number | TraceOptions = {}): NdArray {
  const { offset = 0, axis1 = 0, axis2 = 1, ...options } = typeof given === "number" ? { offset: given } : given;
  if (x.ndim < 2) throw new ValueError(`trace: expected at least two axes, got shape ${formatShape(x.shape)}`);
  const [rows, columns] = [normalizeAxis(axis1, x.ndim, "axis1"), normalizeAxis(axis2, x.ndim, "axis2")];
  if (rows === columns) throw new ValueError("trace: axis1 and axis2 are the same axis");
  const rest = x.shape.map((_, i) => i).filter((i) => i !== rows && i !== columns);
  const [down, across] = [x.strides[rows] as number, x.strides[columns] as number];
  const [below, right] = [Math.max(-offset, 0), Math.max(offset, 0)];
  const length = Math.min((x.shape[rows] as number) - below, (x.shape[columns] as number) - right);
  const diagonal = viewOf(x, {
    shape: [...rest.map((i) => x.shape[i] as number), Math.max(length, 0)],
    strides: [...rest.map((i) => x.strides[i] as number), down + across],
    offset: length <= 0 ? x.offset : x.offset + below * down + right * across,
  });
  const result = sum(diagonal, { ...options, axis: -1 });
  diagonal.dispose();
  return result;
}

/** Kronecker product: every element of `a` times all of `b` (NumPy's `kron`). */
export function kron(a: NdArray, b: NdArray): NdArray {
  const ndim = Math.max(a.ndim, b.ndim);
  const lengthsOf = (x: NdArray): number[] => [...new Array<number>(ndim - x.ndim).fill(1), ...x.shape];
  const [left, right] = [lengthsOf(a), lengthsOf(b)];
  return compose([a, b], () => {
    const product = multiply(
      reshape(
        a,
        left.flatMap((length) => [length, 1]),
      ),
      reshape(
        b,
        right.flatMap((length) => [1, length]),
      ),
    );
    return reshape(
      product,
      left.map((length, i) => length * (right[i] as number)),
    );
  });
}

/** Options of {@link cross}. */
export interface CrossOptions {
  /** The axis that holds the vectors; the last one by default. */
  readonly axis?: number;
}

/**
 * Cross product of vectors of length 3, or 2 (whose third component is 0; of two such, only the third component of the
 * product is returned) (NumPy's `cross`).
 *
 * @throws ValueError for other lengths.
 */
export function cross(a: NdArray, b: NdArray, { axis = -1 }: CrossOptions = {}): NdArray {
  return compose([a, b], () => {
    const [x, y] = [moveaxis(a, axis, -1), moveaxis(b, axis, -1)];
    const [m, n] = [x.shape.at(-1) as number, y.shape.at(-1) as number];
    if ((m !== 2 && m !== 3) || (n !== 2 && n !== 3)) {
      throw new ValueError(`cross: vectors have length 2 or 3, got ${m} and ${n}`);
    }
    const batch = broadcastShapes(x.shape.slice(0, -1), y.shape.slice(0, -1));
    const [p, q] = [broadcastTo(x, [...batch, m]), broadcastTo(y, [...batch, n])];
    const term = (i: number, j: number): NdArray | null =>
      i < m && j < n ? multiply(component(p, i), component(q, j)) : null;
    const minor = (i: number, j: number): NdArray => {
      const [plus, minus] = [term(i, j), term(j, i)];
      if (plus !== null && minus !== null) return subtract(plus, minus);
      return plus ?? (minus === null ? multiply(component(p, 0), 0) : subtract(0, minus));
    };
    if (m === 2 && n === 2) return minor(0, 1);
    const parts = [minor(1, 2), minor(2, 0), minor(0, 1)].map((part) => reshape(part, [...batch, 1]));
    return moveaxis(concatenate(parts, { axis: -1 }), -1, axis);
  });
}

function component(x: NdArray, index: number): NdArray {
  const stride = x.strides.at(-1) as number;
  return x.view(x.shape.slice(0, -1), x.strides.slice(0, -1), x.offset + index * stride);
}
