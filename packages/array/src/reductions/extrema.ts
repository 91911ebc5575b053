import type { DType } from "../dtype.js";
import type { Expr } from "../kernel/expr.js";
import * as k from "../kernel/ops.js";
import { reduction, type ReductionKernel } from "../kernel/reduction.js";
import type { Operand } from "../kernel/launch.js";
import { subtract } from "../math/arithmetic.js";
import type { NdArray } from "../ndarray.js";
import { checkArray, checkNotEmpty, reducer, runInto, type Reduction, type ReductionOptions } from "./reduce.js";

function extremum(name: string, combine: (a: Expr, b: Expr) => Expr, identity: number): Reduction {
  const reduce = reducer(name, () => reduction(name, { map: (x: Expr) => x, combine, identity }));
  return (x, options) => {
    checkArray(name, x);
    checkNotEmpty(name, x, options?.axis);
    return reduce(x, options);
  };
}

/**
 * The largest element; NaN if there is one (NumPy's `max`).
 *
 * @throws ValueError for no elements.
 */
export const max: Reduction = extremum("max", k.max, -Infinity);
/** The same function as {@link max}. */
export const amax: Reduction = max;
/**
 * The smallest element; NaN if there is one (NumPy's `min`).
 *
 * @throws ValueError for no elements.
 */
export const min: Reduction = extremum("min", k.min, Infinity);
/** The same function as {@link min}. */
export const amin: Reduction = min;

/** Largest minus smallest element (NumPy's `ptp`). */
export function ptp(x: NdArray, { out, ...options }: ReductionOptions = {}): NdArray {
  return subtract(max(x, options), min(x, options), out === undefined ? undefined : { out });
}

/** Options of {@link argmax} and {@link argmin}. */
export interface ArgOptions {
  /** One axis, or `null` for the position in the flattened array (the default). */
  readonly axis?: number | null;
  readonly keepdims?: boolean;
  readonly out?: NdArray;
}

/** A search for a position. */
export type ArgReduction = (x: NdArray, options?: ArgOptions) => NdArray;

const lastPosition = 2 ** 31 - 1;

function argReduction(
  name: string,
  wins: (a: Expr, b: Expr) => Expr,
  holds: (a: Expr, b: Expr) => Expr,
  identity: number,
): ArgReduction {
  const kernel: ReductionKernel<[Operand]> = reduction(name, {
    map: (x: Expr) => [x, k.index],
    combine: ([a, i], [b, j]) => {
      const [x, at, y, other] = [a as Expr, i as Expr, b as Expr, j as Expr];
      const [xNan, yNan] = [k.isnan(x), k.isnan(y)];
      const better = k.logicalOr(wins(x, y), k.logicalAnd(xNan, k.logicalNot(yNan)));
      const same = k.logicalOr(k.eq(x, y), k.logicalAnd(xNan, yNan));
      const first = k.logicalOr(better, k.logicalAnd(same, k.lt(at, other)));
      return [k.where(first, x, y), k.where(first, at, other)];
    },
    // What comes later has to be better, or the first NaN.
    append: ([a, i], [b, j]) => {
      const stays = k.logicalOr(holds(a as Expr, b as Expr), k.isnan(a as Expr));
      return [k.where(stays, a as Expr, b as Expr), k.where(stays, i as Expr, j as Expr)];
    },
    identity: [identity, lastPosition],
    // No element was better than the identity: all are equal to it, and the first counts.
    finish: ([, at]) => k.where(k.eq(at as Expr, lastPosition), 0, at as Expr),
  });
  return (x, options = {}) => {
    checkArray(name, x);
    checkNotEmpty(name, x, options.axis);
    return runInto(name, kernel, x, options, "int32" satisfies DType);
  };
}

/**
 * Position of the largest element, the first of several; a NaN counts as larger than anything (NumPy's `argmax`). int32.
 *
 * @throws ValueError for no elements.
 */
export const argmax: ArgReduction = argReduction("argmax", k.gt, k.ge, -Infinity);
/**
 * Position of the smallest element, the first of several; a NaN counts as smaller than anything (NumPy's `argmin`). int32.
 *
 * @throws ValueError for no elements.
 */
export const argmin: ArgReduction = argReduction("argmin", k.lt, k.le, Infinity);
