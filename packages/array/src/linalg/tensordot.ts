import { promoteTypes } from "../dtype.js";
import { ValueError } from "../errors.js";
import { astype } from "../manipulation/astype.js";
import { reshape } from "../manipulation/reshape.js";
import { compose } from "../math/compose.js";
import type { NdArray } from "../ndarray.js";
import { normalizeAxis, sizeOf } from "../shape.js";
import { permuteAxes, viewOf } from "../views.js";
import { matmulInto } from "./matmul-into.js";

/** How many of the last axes of `a` meet as many of the first ones of `b`, or two lists of axes. */
export type PairedAxes = number | readonly [number | readonly number[], number | readonly number[]];

/** Options of {@link tensordot}. */
export interface TensordotOptions {
  /** 2 by default. */
  readonly axes?: PairedAxes;
}

/**
 * Sum of products over pairs of axes (NumPy's `tensordot`). The result has the other axes of `a`, then those of `b`.
 *
 * @throws ValueError if paired axes differ in length.
 */
export function tensordot(a: NdArray, b: NdArray, options: PairedAxes | TensordotOptions = {}): NdArray {
  const axes = typeof options === "number" || isPair(options) ? options : (options.axes ?? 2);
  const [axesA, axesB] = pairedAxes(a, b, axes);
  const keptA = a.shape.map((_, i) => i).filter((i) => !axesA.includes(i));
  const keptB = b.shape.map((_, i) => i).filter((i) => !axesB.includes(i));
  const shape = [...keptA.map((i) => a.shape[i] as number), ...keptB.map((i) => b.shape[i] as number)];
  const dtype = promoteTypes(a.dtype, b.dtype);
  return compose([a, b], () => {
    const left = asMatrix(a, keptA, axesA);
    const right = asMatrix(b, axesB, keptB);
    const product = matmulInto(astype(left, dtype, { copy: false }), astype(right, dtype, { copy: false }));
    return reshape(product, shape);
  });
}

/** A matrix whose rows are some axes of `x` and whose columns are the others. */
function asMatrix(x: NdArray, rows: readonly number[], columns: readonly number[]): NdArray {
  const lengths = (axes: readonly number[]): number => sizeOf(axes.map((i) => x.shape[i] as number));
  return reshape(viewOf(x, permuteAxes(x, [...rows, ...columns])), [lengths(rows), lengths(columns)]);
}

function isPair(options: Exclude<PairedAxes, number> | TensordotOptions): options is Exclude<PairedAxes, number> {
  return Array.isArray(options);
}

function pairedAxes(a: NdArray, b: NdArray, axes: PairedAxes): [number[], number[]] {
  let pairs: [number[], number[]];
  if (typeof axes === "number") {
    if (axes < 0 || axes > Math.min(a.ndim, b.ndim)) {
      throw new ValueError(`tensordot: ${axes} axes of arrays that have ${a.ndim} and ${b.ndim}`);
    }
    pairs = [Array.from({ length: axes }, (_, i) => a.ndim - axes + i), Array.from({ length: axes }, (_, i) => i)];
  } else {
    const list = (given: number | readonly number[]): readonly number[] =>
      typeof given === "number" ? [given] : given;
    pairs = [list(axes[0]).map((i) => normalizeAxis(i, a.ndim)), list(axes[1]).map((i) => normalizeAxis(i, b.ndim))];
  }
  const [first, second] = pairs;
  const fits = first.length === second.length && first.every((axis, i) => a.shape[axis] === b.shape[second[i] ?? -1]);
  if (!fits || new Set(first).size !== first.length || new Set(second).size !== second.length) {
    throw new ValueError(
      `tensordot: axes [${first.join(", ")}] of shape (${a.shape.join(", ")}) do not pair with [${second.join(", ")}] of (${b.shape.join(", ")})`,
    );
  }
  return pairs;
}
