import { astype, mean as meanOf, ones, ValueError, variance as varianceOf, zeros, type NdArray } from "@chain/array";
import { add, div, elementwise, max, min, sqrt, sub } from "@chain/array/kernel";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { isLeftOut } from "../left-out.js";
import { add as addVariables, mul } from "../math/basic-math.js";
import {
  batchNormalization,
  checkChannels,
  updateRunning,
  type FixedBatchNormalizationOptions,
} from "./batch-normalization.js";
import { fixedBatchNormalization } from "./fixed-batch-normalization.js";
import { statisticsDtype } from "./batch-normalization-kernels.js";

/** By how much the batch's statistics differ from the running ones, within bounds. */
const corrections = elementwise(
  "batchRenormalization",
  { scalars: ["eps", "rmax", "dmax"] },
  (mean, variance, runningMean, runningVar, { eps, rmax, dmax }) => {
    const sigma = sqrt(add(runningVar, eps));
    const r = max(min(div(sqrt(add(variance, eps)), sigma), rmax), div(1, rmax));
    const d = max(min(div(sub(mean, runningMean), sigma), dmax), sub(0, dmax));
    return [r, d];
  },
);

/** Options of {@link batchRenormalization}. */
export interface BatchRenormalizationOptions {
  /** Added to variances, above 0; 2e-5 by default. */
  readonly eps?: number;
  /** Running mean of the shape of gamma; zeros by default. May also stand in its place as an argument. */
  readonly runningMean?: NdArray | null;
  /** Running variance of the shape of gamma; ones by default. */
  readonly runningVar?: NdArray | null;
  /** How much of the running statistics stays at an update, 0.9 by default. */
  readonly decay?: number;
  /** Whether to update the running statistics, in place. Default false. */
  readonly updateStatistics?: boolean;
}

/**
 * Batch renormalization: batch normalization, corrected towards the running statistics by factors that count as
 * constants in the gradient.
 *
 * Follows Chainer's `batch_renormalization`; Ioffe, "Batch Renormalization", 2017.
 *
 * @param x - Shape `(batch, …)`, floating.
 * @param gamma - Its shape is that of the axes of `x` after the first that have one value a channel.
 * @param beta - Shape and dtype of `gamma`.
 * @param rmax - The standard deviation is corrected by a factor of at most this, from 1 up.
 * @param dmax - The mean is corrected by at most this many standard deviations, from 0 up.
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError for values that make no sense.
 */
export function batchRenormalization(
  x: VariableLike,
  gamma: VariableLike,
  beta: VariableLike,
  rmax: number,
  dmax: number,
  runningMean?: NdArray | null,
  runningVar?: NdArray | null,
  options?: BatchRenormalizationOptions,
): Variable;
export function batchRenormalization(
  x: VariableLike,
  gamma: VariableLike,
  beta: VariableLike,
  rmax: number,
  dmax: number,
  options: BatchRenormalizationOptions,
): Variable;
export function batchRenormalization(
  x: VariableLike,
  gamma: VariableLike,
  beta: VariableLike,
  rmax: number,
  dmax: number,
  runningMean: NdArray | BatchRenormalizationOptions | null = null,
  runningVar: NdArray | null = null,
  options: BatchRenormalizationOptions = {},
): Variable {
  if (isLeftOut(runningMean)) return batchRenormalization(x, gamma, beta, rmax, dmax, null, null, runningMean);
  const { eps = 2e-5, decay = 0.9, updateStatistics = false } = options;
  if (!(rmax >= 1) || !(dmax >= 0)) {
    throw new ValueError(`batchRenormalization: expected rmax >= 1 and dmax >= 0, got ${rmax} and ${dmax}`);
  }
  const { axes } = checkChannels("batchRenormalization", x, { gamma, beta }, null, eps);
  const array = asArray(x);
  const { shape, dtype, device } = asArray(gamma);
  const running = {
    mean: runningMean ?? options.runningMean ?? zeros(shape, { dtype, device }),
    variance: runningVar ?? options.runningVar ?? ones(shape, { dtype, device }),
  };
  const along = { axis: axes };
  const elements = astype(array, statisticsDtype(array.dtype), { copy: false });
  const [mean, variance] = [meanOf(elements, along), varianceOf(elements, along)];
  const [r, d] = corrections(mean, variance, running.mean, running.variance, { eps, rmax, dmax }).map((correction) =>
    astype(correction, dtype, { copy: false }),
  ) as [NdArray, NdArray];
  const y = batchNormalization(x, mul(gamma, r), addVariables(beta, mul(gamma, d)), { eps });
  if (updateStatistics) {
    const count = array.size / Math.max(mean.size, 1);
    updateRunning("batchRenormalization", { mean, variance }, count, running.mean, running.variance, decay);
  }
  return y;
}

/**
 * Batch renormalization with given statistics: the same as `fixedBatchNormalization`.
 *
 * Follows Chainer's `fixed_batch_renormalization`.
 */
export function fixedBatchRenormalization(
  x: VariableLike,
  gamma: VariableLike,
  beta: VariableLike,
  mean: VariableLike,
  variance: VariableLike,
  options: FixedBatchNormalizationOptions = {},
): Variable {
  return fixedBatchNormalization(x, gamma, beta, mean, variance, options);
}
