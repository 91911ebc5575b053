import { fillWith } from "../creation/filled.js";
import { fromElements } from "../creation/from-host.js";
import { isFloating } from "../dtype.js";
import { ValueError } from "../errors.js";
import { take } from "../indexing/take.js";
import { elementwise } from "../kernel/elementwise.js";
import type { Expr } from "../kernel/expr.js";
import { add, floor, mul, sub } from "../kernel/ops.js";
import { rint } from "../math/rounding.js";
import { scope } from "../memory/scope.js";
import { NdArray } from "../ndarray.js";
import { max, min } from "../reductions/extrema.js";
import { mean } from "../reductions/sum.js";
import { median } from "../statistics/quantile.js";
import { borrow, sliceAxis, type View } from "../views.js";
import { broadcastTo } from "./broadcast-to.js";
import { concatenate } from "./concatenate.js";
import { copy, copyto } from "./copy.js";
import { perSide, type PerSide } from "./pad-width.js";

/** What is put around an array: see NumPy's `pad`. */
export type PadMode =
  | "constant"
  | "edge"
  | "empty"
  | "linear_ramp"
  | "maximum"
  | "mean"
  | "median"
  | "minimum"
  | "reflect"
  | "symmetric"
  | "wrap";

/** Options of {@link pad}. */
export interface PadOptions {
  /** "constant" by default. */
  readonly mode?: PadMode;
  /** For "constant": what is put there; 0 by default. */
  readonly constantValues?: PerSide;
  /** For "linear_ramp": the values at the ends; 0 by default. */
  readonly endValues?: PerSide;
  /** For "maximum", "mean", "median" and "minimum": how many elements at each end count; all by default. */
  readonly statLength?: PerSide | null;
}

/**
 * A copy with elements added around it (NumPy's `pad`). `padWidth` says how many: a number for all sides,
 * `[before, after]` for all axes, or such a pair for each axis.
 *
 * @throws ValueError if a width is negative, or there is nothing to take the new elements from.
 */
export function pad(x: NdArray, padWidth: PerSide, options?: PadMode | PadOptions, more?: PadOptions): NdArray {
  const given: PadOptions = typeof options === "string" ? { ...more, mode: options } : { ...options };
  const { mode = "constant" } = given;
  const widths = perSide("padWidth", padWidth, x.ndim);
  if (!widths.flat().every((width) => Number.isInteger(width) && width >= 0)) {
    throw new ValueError(`pad: padWidth holds whole numbers from 0 up, got ${JSON.stringify(padWidth)}`);
  }
  if (mode === "constant" || mode === "empty")
    return padConstant(
      x,
      widths,
      mode === "empty" ? null : perSide("constantValues", given.constantValues ?? 0, x.ndim),
    );
  widths.forEach(([before, after], axis) => {
    if (x.shape[axis] === 0 && before + after > 0) {
      throw new ValueError(`pad: axis ${axis} is empty, so that mode "${mode}" has nothing to extend it with`);
    }
  });
  return scope(() => {
    let result = copy(x);
    widths.forEach(([before, after], axis) => {
      if (before + after > 0) result = padAxis(result, axis, before, after, mode, given);
    });
    return result;
  });
}

type Widths = readonly (readonly [number, number])[];

function padConstant(x: NdArray, widths: Widths, values: Widths | null): NdArray {
  const shape = x.shape.map(
    (length, axis) => length + (widths[axis] as [number, number])[0] + (widths[axis] as [number, number])[1],
  );
  const result = NdArray.allocate(x.storage.backend, x.dtype, shape);
  let middle: View = result;
  widths.forEach(([before, after], axis) => {
    const length = x.shape[axis] as number;
    if (values !== null) {
      const [first, last] = values[axis] as [number, number];
      if (before > 0) fillWith(borrow(result, sliceAxis(result, axis, 0, before)), first);
      if (after > 0) fillWith(borrow(result, sliceAxis(result, axis, before + length, after)), last);
    }
    middle = sliceAxis(middle, axis, before, length);
  });
  if (x.size > 0) copyto(borrow(result, middle), x);
  return result;
}

function padAxis(x: NdArray, axis: number, before: number, after: number, mode: PadMode, options: PadOptions): NdArray {
  const length = x.shape[axis] as number;
  switch (mode) {
    case "maximum":
    case "minimum":
    case "mean":
    case "median": {
      const counts = perSide("statLength", options.statLength ?? length, x.ndim)[axis] as [number, number];
      const [first, last] = counts.map((count) => Math.min(count, length)) as [number, number];
      if (first < 1 || last < 1) throw new ValueError("pad: statLength holds whole numbers from 1 up");
      return around(
        x,
        axis,
        [before, statistic(borrow(x, sliceAxis(x, axis, 0, first)), axis, mode)],
        [after, statistic(borrow(x, sliceAxis(x, axis, length - last, last)), axis, mode)],
      );
    }
    case "linear_ramp": {
      const [first, last] = perSide("endValues", options.endValues ?? 0, x.ndim)[axis] as [number, number];
      return around(
        x,
        axis,
        [before, ramp(x, axis, sliceAxis(x, axis, 0, 1), steps(before), first)],
        [after, ramp(x, axis, sliceAxis(x, axis, length - 1, 1), steps(after).reverse(), last)],
      );
    }
    case "edge":
    case "reflect":
    case "symmetric":
    case "wrap": {
      const source = sources[mode];
      const order = Array.from({ length: before + length + after }, (_, i) => source(i - before, length));
      return take(x, order, { axis });
    }
    case "constant":
    case "empty":
      throw new ValueError(`pad: mode "${mode}" does not work axis by axis`);
  }
}

/** Which element stands at a position outside the axis. */
const sources = {
  edge: (at: number, length: number) => Math.max(0, Math.min(at, length - 1)),
  wrap: modulo,
  symmetric: (at: number, length: number) => {
    const rest = modulo(at, 2 * length);
    return rest < length ? rest : 2 * length - 1 - rest;
  },
  reflect: (at: number, length: number) => {
    if (length === 1) return 0;
    const rest = modulo(at, 2 * length - 2);
    return rest < length ? rest : 2 * length - 2 - rest;
  },
};

function modulo(at: number, length: number): number {
  return ((at % length) + length) % length;
}

type End = readonly [width: number, values: NdArray];

/** `x` between blocks of values that broadcast along the axis. */
function around(x: NdArray, axis: number, before: End, after: End): NdArray {
  const blocks = [before, after].map(([width, values]) => broadcastTo(values, x.shape.with(axis, width)));
  return concatenate([blocks[0] as NdArray, x, blocks[1] as NdArray], { axis, dtype: x.dtype });
}

function statistic(x: NdArray, axis: number, mode: "maximum" | "minimum" | "mean" | "median"): NdArray {
  const options = { axis, keepdims: true };
  if (mode === "maximum") return max(x, options);
  if (mode === "minimum") return min(x, options);
  const average = mode === "mean" ? mean(x, options) : median(x, options);
  return isFloating(x.dtype) ? average : rint(average);
}

const rampKernel = elementwise("pad_ramp", (edge: Expr, t: Expr, end: Expr) => add(mul(t, sub(edge, end)), end));
const wholeRampKernel = elementwise("pad_whole_ramp", (edge: Expr, t: Expr, end: Expr) =>
  floor(add(mul(t, sub(edge, end)), end)),
);

/** How far from the end towards the edge each of `width` new elements is. */
function steps(width: number): number[] {
  return Array.from({ length: width }, (_, i) => i / width);
}

function ramp(x: NdArray, axis: number, edge: View, t: readonly number[], end: number): NdArray {
  const dtype = isFloating(x.dtype) ? x.dtype : "float32";
  const shape = x.shape.map((_, i) => (i === axis ? t.length : 1));
  const along = fromElements(t, dtype, shape, x.storage.backend);
  const kernel = isFloating(x.dtype) ? rampKernel : wholeRampKernel;
  return kernel(borrow(x, edge), along, end);
}
