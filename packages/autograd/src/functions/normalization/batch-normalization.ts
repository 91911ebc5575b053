import { astype, promoteTypes, ValueError, type Activation, type DType, type NdArray } from "@chain/array";
import { add, castLike, div, elementwise, mul, sqrt, sub } from "@chain/array/kernel";
import { formatShape, sameShape } from "../../shape.js";
import { expectAxes, expectFloating, expectSameDtype, expectThat } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { relu } from "../activation/relu.js";
import { cast } from "../array/cast.js";
import { reshape } from "../array/reshape.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { applyFused, type FusedFunction } from "../fused-function.js";
import { isLeftOut } from "../left-out.js";
import { mul as product, square as squares, sub as difference } from "../math/basic-math.js";
import { sum } from "../math/sum.js";
import {
  factors,
  inputGradient,
  inputGradientRelu,
  momentsAround,
  nearMean,
  normalized,
  normalizedRelu,
  scales,
  statisticsDtype,
  sums,
  sumsRelu,
} from "./batch-normalization-kernels.js";

/** Moves a running statistic towards a new value, in place. */
const movingAverage = elementwise(
  "batchNormalization-running",
  { scalars: ["decay", "factor"] },
  (running, value, { decay, factor }) =>
    castLike(add(mul(running, decay), mul(mul(value, factor), sub(1, decay))), running),
);

/** `scale · x + shift`, for fixed statistics and after normalizing. */
export const affine = elementwiseFunction("affine", (x, scale, shift) => add(mul(x, scale), shift));
export const inverseStdOf = elementwiseFunction("batchNormalization-inverse", (variance, eps) =>
  div(1, sqrt(add(variance, eps))),
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
    private readonly activation: Activation,
  ) {}

  forward([x, gamma, beta]: readonly [NdArray, NdArray, NdArray]): { y: NdArray; kept: NdArray[] } {
    const near = nearMean(x, this.axis);
    const [distance, variance] = momentsAround(x, near, { axis: this.axis, keepdims: true });
    const [mean, scale, factor] = scales(near, distance, variance, gamma, { eps: this.eps });
    this.statistics = { mean, variance };
    const y = (this.activation === "relu" ? normalizedRelu : normalized)(x, mean, factor, beta);
    return { y, kept: [mean, scale, factor] };
  }

  gradients(
    [x, gamma, beta]: readonly [NdArray, NdArray, NdArray],
    [mean, scale, factor]: readonly [NdArray, NdArray, NdArray],
    gy: NdArray,
    indexes: readonly number[],
  ): NdArray[] {
    const rectified = this.activation === "relu";
    const along = { axis: this.axis, keepdims: true };
    const [sumG, sumGX] = (rectified ? sumsRelu : sums)(gy, x, mean, factor, beta, along);
    const inverseCount = mean.size / Math.max(x.size, 1);
    const [meanG, slope, sumGNormalized] = factors(scale, sumG, sumGX, { inverseCount });
    return indexes.map((index) => {
      if (index === 1) return astype(sumGNormalized, gamma.dtype, { copy: false });
      if (index === 2) return astype(sumG, beta.dtype, { copy: false });
      return rectified
        ? inputGradientRelu(x, gy, mean, factor, meanG, slope, beta)
        : inputGradient(x, gy, mean, factor, meanG, slope);
    });
  }

  composed([x, gamma, beta]: readonly [Variable, Variable, Variable]): Variable {
    const along = { axis: this.axis, keepdims: true };
    const inverseCount = gamma.size / Math.max(x.size, 1);
    const dtype = statisticsTypeOf([x, gamma, beta]);
    const [elements, scale, shift] = [cast(x, dtype), cast(gamma, dtype), cast(beta, dtype)];
    const centered = difference(elements, product(sum(elements, along), inverseCount));
    const variance = product(sum(squares(centered), along), inverseCount);
    const y = affine(product(centered, inverseStdOf(variance, this.eps)), scale, shift);
    return activated(cast(y, x.dtype), this.activation);
  }
}

/** The dtype in which a batch is normalized. */
export function statisticsTypeOf(operands: readonly { readonly dtype: DType }[]): DType {
  return statisticsDtype(operands.map(({ dtype }) => dtype).reduce(promoteTypes));
}

function activated(y: Variable, activation: Activation): Variable {
  return activation === "relu" ? relu(y) : y;
}

/** Options of {@link fixedBatchNormalization}. */
export interface FixedBatchNormalizationOptions {
  /** Added to the variance, above 0; 2e-5 by default. */
  readonly eps?: number;
  /** The axes that are averaged over; by default the first one and those after the axes that gamma has. */
  readonly axis?: number | readonly number[] | null;
  /**
   * What is applied to the result: nothing ("none", the default), or ReLU, which costs nothing in the same kernel and saves
   * three passes over memory in the gradient. Not in Chainer.
   */
  readonly activation?: Activation;
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
 * Statistics of float16 are computed in float32, whatever the dtype of the parameters, which may be float32 too.
 *
 * @param x - Shape `(batch, …)`, floating.
 * @param gamma - Its shape is that of the axes of `x` that are not averaged over: one value a channel. Floating.
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
  const { eps = 2e-5, axis = null, decay = 0.9, activation = "none" } = options;
  checkActivation("batchNormalization", activation);
  const { axes, shape } = checkChannels("batchNormalization", x, { gamma, beta }, axis, eps);
  const fused = new BatchNormalization(axes, eps, activation);
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

/** Checks the option. */
export function checkActivation(label: string, activation: Activation): void {
  if (activation === "none" || activation === "relu") return;
  throw new ValueError(`${label}: activation is "none" or "relu", got ${JSON.stringify(activation)}`);
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
  const [first] = Object.keys(parameters) as [string];
  for (const [name, parameter] of Object.entries(parameters)) {
    expectFloating(label, name, asArray(parameter));
    expectSameDtype(label, first, asArray(parameters[first] as VariableLike), name, asArray(parameter));
    expectThat(
      label,
      array.ndim > 0 && sameShape(parameter.shape, expected),
      () => `${name} of shape ${formatShape(expected)} for x of shape ${formatShape(array.shape)}`,
      () => formatShape(parameter.shape),
    );
  }
  return { axes, shape: array.shape.map((length, i) => (axes.includes(i) ? 1 : length)) };
}
