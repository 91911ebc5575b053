import { NdArray, ValueError } from "@chain/array";
import { Variable, type VariableLike } from "../../variable.js";
import { broadcastTo } from "../array/broadcast-to.js";
import { reshape } from "../array/reshape.js";
import { div, mul } from "./basic-math.js";
import { sum, type ReductionOptions } from "./sum.js";
import { expectAxes } from "../../type-check.js";

/** Options of {@link average}. */
export type AverageOptions = ReductionOptions;

/**
 * Mean along axes, all by default; with `weights`, `Σ weights · x / Σ weights` (Chainer's `average`). Weights are of the
 * shape of `x`, or one for each position along the one axis.
 *
 * @throws ValueError for weights along several axes; InvalidType if shapes do not fit.
 */
export function average(x: VariableLike, options?: AverageOptions): Variable;
export function average(x: VariableLike, weights?: VariableLike | null, options?: AverageOptions): Variable;
export function average(
  x: VariableLike,
  weightsOrOptions: VariableLike | AverageOptions | null = null,
  maybeOptions: AverageOptions = {},
): Variable {
  const isArray = weightsOrOptions instanceof Variable || weightsOrOptions instanceof NdArray;
  const weights = isArray ? weightsOrOptions : null;
  const options = isArray || weightsOrOptions === null ? maybeOptions : weightsOrOptions;
  const axes = expectAxes("average", options.axis, x.ndim);
  if (weights === null) {
    const count = axes.reduce((product, axis) => product * (x.shape[axis] as number), 1);
    return div(sum(x, options), count);
  }
  const everywhere = options.axis === null || options.axis === undefined;
  if (!everywhere && axes.length > 1) {
    throw new ValueError("average: weights go along one axis or all, not several; average along one after the other");
  }
  const spread = everywhere
    ? weights
    : broadcastTo(
        reshape(
          weights,
          x.shape.map((length, axis) => (axes.includes(axis) ? length : 1)),
        ),
        x.shape,
      );
  return div(sum(mul(x, spread), options), sum(weights));
}

/** Chainer's `mean`: {@link average}. */
export const mean = average;
