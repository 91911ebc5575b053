import { mean as meanOf, sum as sumOf, ValueError, type NdArray } from "@chain/array";
import {
  add,
  castLike,
  div,
  elementwise,
  mul,
  reduction,
  size,
  sqrt,
  square,
  sub,
  type Expr,
} from "@chain/array/kernel";
import { formatShape, sameShape } from "../../shape.js";
import { expectAxes, expectFloating, expectSameDtype, expectThat } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { reshape } from "../array/reshape.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { applyFused, type FusedFunction } from "../fused-function.js";
import { isLeftOut } from "../left-out.js";
import { mul as product, square as squares, sub as difference } from "../math/basic-math.js";
import { sum } from "../math/sum.js";

const varianceOf = reduction("batchNormalization-variance", {
  map: (x: Expr, mean: Expr) => square(sub(x, mean)),
  combine: add,
  identity: 0,
  finish: (total) => div(total, size),
});

const productSum = reduction("batchNormalization-grad-gamma", {
  map: (gy: Expr, x: Expr, mean: Expr, scale: Expr) => mul(gy, mul(sub(x, mean), scale)),
  combine: add,
  identity: 0,
});

const inverseStd = elementwise("batchNormalization-inverse", { scalars: ["eps"] }, (variance, { eps }) =>
  div(1, sqrt(add(variance, eps))),
);

const normalized = elementwise("batchNormalization", (x, mean, scale, gamma, beta) =>
  add(mul(mul(sub(x, mean), scale), gamma), beta),
);

/** Per channel: by what gy, the mean of gy, and x̂ are multiplied. */
const factors = elementwise(
  "batchNormalization-grad-factors",
  { scalars: ["inverseCount"] },
  (scale, gamma, sumGy, sumGyX, { inverseCount }) => {
    const factor = mul(gamma, scale);
    return [factor, mul(sumGy, inverseCount), mul(mul(sumGyX, scale), inverseCount)];
  },
);

const inputGradient = elementwise("batchNormalization-grad", (x, gy, mean, factor, meanGy, slope) =>
  mul(factor, sub(sub(gy, meanGy), mul(sub(x, mean), slope))),
);

/** Moves a running statistic towards a new value, in place. */
const movingAverage = elementwise(
  "batchNormalization-running",
  { scalars: ["decay", "factor"] },
  (running, value, { decay, factor }) =>
    castLike(add(mul(running, decay), mul(mul(value, factor), sub(1, decay))), running),
);

/** `scale · x + shift`, for fixed statistics and after normalizing. */
export const affine = elementwiseFunction("affine", (x, scale, shift) => add(mul(x, scale), shift));
const inverseStdOf = elementwiseFunction("batchNormalization-inverse", (variance, eps) =>
  div(1, sqrt(add(variance, eps))),
);
const normalizedBy = elementwiseFunction("fixedBatchNormalization", (x, mean, scale, shift) =>
  add(mul(sub(x, mean), scale), shift),
);

/** Mean and variance of a batch for each channel, with axes of length 1 in place of those that were reduced. */
export interface BatchStatistics {
  readonly mean: NdArray;
  readonly variance: NdArray;
}

/** Inputs: x, and gamma and beta with axes of length 1 in place of those that are reduced. */
class BatchNormalization implements FusedFunction {
  readonly name = "batchNormalization";
  statistics: BatchStatistics | null = null;

  constructor(
    private readonly axis: readonly number[],
    private readonly eps: number,
  ) {}

  forward([x, gamma, beta]: readonly [NdArray, NdArray, NdArray]): { y: NdArray; kept: NdArray[] } {
    const along = { axis: this.axis, keepdims: true };
    const mean = meanOf(x, along);
    const variance = varianceOf(x, mean, along);
    this.statistics = { mean, variance };
    const scale = inverseStd(variance, { eps: this.eps });
    return { y: normalized(x, mean, scale, gamma, beta), kept: [mean, scale] };
  }

  gradients(
    [x, gamma]: readonly [NdArray, NdArray, NdArray],
    [mean, scale]: readonly [NdArray, NdArray],
    gy: NdArray,
    indexes: readonly number[],
  ): NdArray[] {
    const along = { axis: this.axis, keepdims: true };
    const sumGy = sumOf(gy, along);
    const sumGyX = productSum(gy, x, mean, scale, along);
    return indexes.map((index) => {
      if (index === 1) return sumGyX;
      if (index === 2) return sumGy;
      const inverseCount = mean.size / Math.max(x.size, 1);
      const [factor, meanGy, slope] = factors(scale, gamma, sumGy, sumGyX, { inverseCount });
      return inputGradient(x, gy, mean, factor, meanGy, slope);
    });
  }

  composed([x, gamma, beta]: readonly [Variable, Variable, Variable]): Variable {
    const along = { axis: this.axis, keepdims: true };
    const inverseCount = gamma.size / Math.max(x.size, 1);
    const centered = difference(x, product(sum(x, along), inverseCount));
    const variance = product(sum(squares(centered), along), inverseCount);
    return affine(product(centered, inverseStdOf(variance, this.eps)), gamma, beta);
  }
}

/** Options of {@link fixedBatchNormalization}. */
export interface FixedBatchNormalizationOptions {
  /** Added to the variance, above 0; 2e-5 by default. */
  readonly eps?: number;
  /** The axes that are averaged over; by default the first one and those after the axes that gamma has. */
  readonly axis?: number | readonly number[] | null;
}

/** Options of {@link batchNormalization}. */
export interface BatchNormalizationOptions extends FixedBatchNormalizationOptions {
  /** Running mean of the shape of gamma, updated in place. May also stand in its place as an argument. */
  readonly runningMean?: NdArray | null;
  /** Running (unbiased) variance of the shape of gamma, updated in place. */
  readonly runningVar?: NdArray | null;
  /** How much of the running statistics stays at an update, 0.9 by default. */
  readonly decay?: number;
}

/**
 * Batch normalization with the statistics of the batch: `gamma (x - mean) / sqrt(var + eps) + beta` for each channel.
 *
 * Follows Chainer's `batch_normalization`; Ioffe and Szegedy, "Batch Normalization", 2015.
 *
 * @param x - Shape `(batch, …)`, floating.
 * @param gamma - Its shape is that of the axes of `x` that are not averaged over: one value a channel.
 * @param beta - Shape and dtype of `gamma`.
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError if `eps` is not above 0.
 */
export function batchNormalization(
  x: VariableLike,
  gamma: VariableLike,
  beta: VariableLike,
  runningMean?: NdArray | null,
  runningVar?: NdArray | null,
  options?: BatchNormalizationOptions,
): Variable;
export function batchNormalization(
  x: VariableLike,
  gamma: VariableLike,
  beta: VariableLike,
  options: BatchNormalizationOptions,
): Variable;
export function batchNormalization(
  x: VariableLike,
  gamma: VariableLike,
  beta: VariableLike,
  runningMean: NdArray | BatchNormalizationOptions | null = null,
  runningVar: NdArray | null = null,
  options: BatchNormalizationOptions = {},
): Variable {
  if (isLeftOut(runningMean)) return batchNormalization(x, gamma, beta, null, null, runningMean);
  const { eps = 2e-5, axis = null, decay = 0.9 } = options;
  const { axes, shape } = checkChannels("batchNormalization", x, { gamma, beta }, axis, eps);
  const fused = new BatchNormalization(axes, eps);
  const y = applyFused(fused, [x, reshape(gamma, shape), reshape(beta, shape)]);
  updateRunning(
    "batchNormalization",
    fused.statistics as BatchStatistics,
    x.size / Math.max(gamma.size, 1),
    runningMean ?? options.runningMean ?? null,
    runningVar ?? options.runningVar ?? null,
    decay,
  );
  return y;
}

/** Moves running statistics towards those of a batch with `count` elements a channel; variances become unbiased. */
export function updateRunning(
  label: string,
  { mean, variance }: BatchStatistics,
  count: number,
  runningMean: NdArray | null,
  runningVar: NdArray | null,
  decay: number,
): void {
  const update = (name: string, running: NdArray | null, value: NdArray, factor: number): void => {
    if (running === null) return;
    const fits = running.size === value.size;
    expectThat(label, fits, `${name} of ${value.size} elements`, `shape ${formatShape(running.shape)}`);
    movingAverage.into(running, running, value.reshape(running.shape), { decay, factor });
  };
  update("runningMean", runningMean, mean, 1);
  update("runningVar", runningVar, variance, count / Math.max(count - 1, 1));
}

/**
 * Batch normalization with given statistics: `gamma (x - mean) / sqrt(variance + eps) + beta` for each channel.
 *
 * Follows Chainer's `fixed_batch_normalization`.
 *
 * @param x - Shape `(batch, …)`, floating.
 * @param gamma - Its shape is that of the axes of `x` that batches are averaged over: one value a channel.
 * @param beta - Shape and dtype of `gamma`, as `mean` and `variance`.
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError if `eps` is not above 0.
 */
export function fixedBatchNormalization(
  x: VariableLike,
  gamma: VariableLike,
  beta: VariableLike,
  mean: VariableLike,
  variance: VariableLike,
  { eps = 2e-5, axis = null }: FixedBatchNormalizationOptions = {},
): Variable {
  const parameters = { gamma, beta, mean, var: variance };
  const { shape } = checkChannels("fixedBatchNormalization", x, parameters, axis, eps);
  const scale = product(gamma, inverseStdOf(variance, eps));
  return normalizedBy(x, reshape(mean, shape), reshape(scale, shape), reshape(beta, shape));
}

/** Checks arguments; gives the axes to average over, and the shape of `x` with these of length 1. */
export function checkChannels(
  label: string,
  x: VariableLike,
  parameters: Readonly<Record<string, VariableLike>>,
  axis: number | readonly number[] | null,
  eps: number,
): { axes: number[]; shape: number[] } {
  if (!(eps > 0)) throw new ValueError(`${label}: eps must be above 0, got ${eps}`);
  const array = asArray(x);
  expectFloating(label, "x", array);
  const channelAxes = parameters["gamma"]?.ndim ?? 1;
  const rest = array.shape.slice(1 + channelAxes).map((_, i) => 1 + channelAxes + i);
  const axes = axis === null ? [0, ...rest] : expectAxes(label, axis, array.ndim);
  const expected = array.shape.filter((_, i) => !axes.includes(i));
  for (const [name, parameter] of Object.entries(parameters)) {
    expectSameDtype(label, "x", array, name, asArray(parameter));
    expectThat(
      label,
      array.ndim > 0 && sameShape(parameter.shape, expected),
      () => `${name} of shape ${formatShape(expected)} for x of shape ${formatShape(array.shape)}`,
      () => formatShape(parameter.shape),
    );
  }
  return { axes, shape: array.shape.map((length, i) => (axes.includes(i) ? 1 : length)) };
}
