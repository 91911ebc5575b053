import { astype, greater, type Activation, type NdArray, zeros } from "@chain/array";
import { add, div, elementwise, sqrt } from "@chain/array/kernel";
import { FunctionNode, type Gradients } from "../../function-node.js";
import type { Variable, VariableLike } from "../../variable.js";
import { cast } from "../array/cast.js";
import { reshape } from "../array/reshape.js";
import { where } from "../array/where.js";
import { mul as product, neg, pow, sub as difference } from "../math/basic-math.js";
import { sum } from "../math/sum.js";
import {
  checkActivation,
  checkChannels,
  inverseStdOf,
  statisticsTypeOf,
  type FixedBatchNormalizationOptions,
} from "./batch-normalization.js";
import { normalized, normalizedRelu } from "./batch-normalization-kernels.js";

const factorOf = elementwise("fixedBatchNormalization-factor", { scalars: ["eps"] }, (gamma, variance, { eps }) =>
  div(gamma, sqrt(add(variance, eps))),
);

type Five<T> = readonly [x: T, gamma: T, beta: T, mean: T, variance: T];

/** `(x, gamma, beta, mean, variance)`; all but `x` have one value a channel. */
export class FixedBatchNormalization extends FunctionNode {
  constructor(
    /** The axes of `x` that the others do not have. */
    readonly axes: readonly number[],
    readonly eps: number,
    readonly activation: Activation,
  ) {
    super();
  }

  override get label(): string {
    return "fixedBatchNormalization";
  }

  override forward(inputs: readonly NdArray[]): NdArray[] {
    const rectified = this.activation === "relu";
    this.retainInputs([0, 1, 2, 3, 4]);
    if (rectified) this.retainOutputs([0]);
    const dtype = statisticsTypeOf(inputs);
    const [x] = inputs as Five<NdArray>;
    const shape = this.channelShape(x.shape);
    const [gamma, beta, mean, variance] = inputs
      .slice(1)
      .map((one) => astype(one, dtype, { copy: false }).reshape(shape)) as [NdArray, NdArray, NdArray, NdArray];
    const factor = factorOf(gamma, variance, { eps: this.eps });
    return [(rectified ? normalizedRelu : normalized)(x, mean, factor, beta)];
  }

  override backward(indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const retained = this.getRetainedInputs() as unknown as Five<Variable>;
    const dtype = statisticsTypeOf(retained);
    const shape = this.channelShape(retained[0].shape);
    const [x, gamma, , mean, variance] = retained.map((one, i) =>
      i === 0 ? cast(one, dtype) : reshape(cast(one, dtype), shape),
    ) as unknown as Five<Variable>;
    const g = cast(this.passed(gy), dtype);
    const inverse = inverseStdOf(variance, this.eps);
    const factor = product(gamma, inverse);
    const perChannel = (terms: Variable): Variable => sum(terms, { axis: this.axes, keepdims: true });
    return indexes.map((index) => {
      const own = retained[index] as Variable;
      const of = (gradient: Variable): Variable => cast(reshape(gradient, own.shape), own.dtype);
      if (index === 0) return of(product(g, factor));
      if (index === 2) return of(perChannel(g));
      if (index === 3) return of(neg(product(perChannel(g), factor)));
      const slope = perChannel(product(g, difference(x, mean)));
      if (index === 1) return of(product(slope, inverse));
      return of(product(product(product(slope, gamma), pow(inverse, 3)), -0.5));
    });
  }

  /** The gradient of what ReLU was applied to. */
  private passed(gy: Variable): Variable {
    if (this.activation === "none") return gy;
    const [y] = this.getRetainedOutputs() as [Variable];
    return where(greater(y.array, 0), gy, zeros([], { dtype: gy.dtype, device: gy.device }));
  }

  private channelShape(shape: readonly number[]): number[] {
    return shape.map((length, i) => (this.axes.includes(i) ? 1 : length));
  }
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
  { eps = 2e-5, axis = null, activation = "none" }: FixedBatchNormalizationOptions = {},
): Variable {
  checkActivation("fixedBatchNormalization", activation);
  const parameters = { gamma, beta, mean, var: variance };
  const { axes } = checkChannels("fixedBatchNormalization", x, parameters, axis, eps);
  const node = new FixedBatchNormalization(axes, eps, activation);
  return node.apply([x, gamma, beta, mean, variance])[0] as Variable;
}
