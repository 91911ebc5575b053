import { eye, ValueError, type DType, type NdArray } from "@chain/array";
import { add, castLike, elementwise, mul as times, sub as minus } from "@chain/array/kernel";
import { formatShape, sameShape } from "../../shape.js";
import { expectFloating, expectMinNdim, expectSameDtype, expectThat } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { cast } from "../array/cast.js";
import { expandDims } from "../array/expand-dims.js";
import { reshape } from "../array/reshape.js";
import { transpose } from "../array/transpose.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { mean as meanOf } from "../math/average.js";
import { sub } from "../math/basic-math.js";
import { matmul } from "../math/matmul.js";
import { inverseSquareRoot } from "./inverse-square-root.js";

const regularized = elementwiseFunction(
  "decorrelatedBatchNormalization-covariance",
  (products, inverseCount, identity, eps) => add(times(products, inverseCount), times(identity, eps)),
);

/** Moves a running statistic towards a new value times `factor`, in place. */
const movingAverage = elementwise(
  "decorrelatedBatchNormalization-running",
  { scalars: ["decay", "factor"] },
  (running, value, { decay, factor }) =>
    castLike(add(times(running, decay), times(value, times(factor, minus(1, decay)))), running),
);

/** Options of {@link decorrelatedBatchNormalization}. */
export interface DecorrelatedBatchNormalizationOptions {
  /** Into how many groups channels are divided, 16 by default; channels of different groups stay correlated. */
  readonly groups?: number;
  /** Added to variances, above 0; 2e-5 by default. */
  readonly eps?: number;
  /** Running mean, shape `(groups, channels of a group)`, updated in place. */
  readonly runningMean?: NdArray | null;
  /** Running (unbiased) projection, shape `(groups, channels of a group, channels of a group)`, updated in place. */
  readonly runningProjection?: NdArray | null;
  /** How much of the running statistics stays at an update, 0.9 by default. */
  readonly decay?: number;
}

/**
 * Decorrelated batch normalization with the statistics of the batch: `(Σ + eps·I)^(-1/2) · (x - mean)`, with the covariance `Σ`
 * of the channels of a group. Every channel has the mean 0 and the variance 1, and no two of a group are correlated.
 *
 * Follows Chainer's `decorrelated_batch_normalization`, with second derivatives; Huang et al., "Decorrelated Batch
 * Normalization", 2018.
 *
 * @param x - Shape `(batch, channels, …)`, floating; float16 is computed in float32.
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError if `eps` is not above 0 or `groups` no whole number above 0.
 */
export function decorrelatedBatchNormalization(
  x: VariableLike,
  {
    groups = 16,
    eps = 2e-5,
    runningMean = null,
    runningProjection = null,
    decay = 0.9,
  }: DecorrelatedBatchNormalizationOptions = {},
): Variable {
  const label = "decorrelatedBatchNormalization";
  if (!(eps > 0)) throw new ValueError(`${label}: eps must be above 0, got ${eps}`);
  const grouped = intoGroups(label, x, groups);
  const [, size, count] = grouped.shape as [number, number, number];
  const mean = meanOf(grouped, { axis: 2, keepdims: true });
  const centered = sub(grouped, mean);
  const { dtype, device } = centered;
  const products = matmul(centered, centered, { transb: true });
  const covariance = regularized(products, 1 / count, eye(size, { dtype, device }), eps);
  const projection = inverseSquareRoot(covariance);
  const update = (name: string, running: NdArray | null, value: NdArray, factor: number): void => {
    if (running === null) return;
    expectShape(label, name, running, value.shape);
    movingAverage.into(running, running, value, { decay, factor });
  };
  update("runningMean", runningMean, mean.array.reshape(groups, size), 1);
  update("runningProjection", runningProjection, projection.array, count / Math.max(count - 1, 1));
  return outOfGroups(matmul(projection, centered), asArray(x));
}

/**
 * Decorrelated batch normalization with given statistics: `projection · (x - mean)` for each group of channels.
 *
 * Follows Chainer's `fixed_decorrelated_batch_normalization`, with its right gradients.
 *
 * @param x - Shape `(batch, channels, …)`, floating.
 * @param mean - Shape `(groups, channels of a group)`, dtype of `x`.
 * @param projection - Shape `(groups, channels of a group, channels of a group)`, dtype of `x`.
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError if `groups` is no whole number above 0.
 */
export function fixedDecorrelatedBatchNormalization(
  x: VariableLike,
  mean: VariableLike,
  projection: VariableLike,
  { groups = 16 }: { readonly groups?: number } = {},
): Variable {
  const label = "fixedDecorrelatedBatchNormalization";
  const grouped = intoGroups(label, x, groups);
  const size = grouped.shape[1] as number;
  for (const [name, statistic, shape] of [
    ["mean", mean, [groups, size]],
    ["projection", projection, [groups, size, size]],
  ] as const) {
    expectSameDtype(label, "x", asArray(x), name, asArray(statistic));
    expectShape(label, name, asArray(statistic), shape);
  }
  const { dtype } = grouped;
  const centered = sub(grouped, expandDims(cast(mean, dtype), -1));
  return outOfGroups(matmul(cast(projection, dtype), centered), asArray(x));
}

/** `(batch, channels, …)` as `(groups, channels of a group, elements of a channel)`. */
function intoGroups(label: string, x: VariableLike, groups: number): Variable {
  const array = asArray(x);
  if (!Number.isInteger(groups) || groups < 1) {
    throw new ValueError(`${label}: groups is a whole number from 1 up, got ${groups}`);
  }
  expectFloating(label, "x", array);
  expectMinNdim(label, "x", array, 2);
  const channels = array.shape[1] as number;
  expectThat(label, channels % groups === 0, `channels that ${groups} groups divide`, `${channels}`);
  const computed: DType = array.dtype === "float16" ? "float32" : array.dtype;
  const size = channels / groups;
  const elements = channels === 0 ? 0 : array.size / channels;
  return reshape(transpose(cast(x, computed), exchanged(array.ndim)), [groups, size, elements]);
}

/** The inverse of {@link intoGroups}. */
function outOfGroups(y: Variable, { shape, dtype, ndim }: NdArray): Variable {
  const [batch, channels, ...rest] = shape as [number, number, ...number[]];
  return cast(transpose(reshape(y, [channels, batch, ...rest]), exchanged(ndim)), dtype);
}

/** The order of axes with the first two exchanged. */
function exchanged(ndim: number): number[] {
  return [1, 0, ...Array.from({ length: ndim - 2 }, (_, i) => 2 + i)];
}

function expectShape(label: string, name: string, array: NdArray, shape: readonly number[]): void {
  const fits = sameShape(array.shape, shape);
  expectThat(
    label,
    fits,
    () => `${name} of shape ${formatShape(shape)}`,
    () => formatShape(array.shape),
  );
}
