import type { NdArray } from "@chain/array";
import { exp, log, mul, neg, rowwise, sub as minus } from "@chain/array/kernel";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { expectAxis, expectFloating } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { sub } from "../math/basic-math.js";
import { sum } from "../math/sum.js";

const logSoftmaxKernel = rowwise("logSoftmax", (row, x) => {
  const largest = row.max(x);
  const shifted = minus(x, largest);
  return minus(shifted, log(row.sum(exp(shifted))));
});

const gradKernel = rowwise("logSoftmax-grad", (row, y, gy) => minus(gy, mul(exp(y), row.sum(gy))));

/** A run of {@link logSoftmax}. */
export class LogSoftmax extends FunctionNode {
  constructor(readonly axis: number) {
    super();
  }

  override get label(): string {
    return "logSoftmax";
  }

  override checkTypeForward([x]: readonly [NdArray]): void {
    expectFloating("logSoftmax", "x", x);
    expectAxis("logSoftmax", "axis", this.axis, x.ndim);
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    this.retainOutputs([0]);
    return [logSoftmaxKernel(x, { axis: this.axis })];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const [y] = this.getRetainedOutputs() as [Variable];
    return [logSoftmaxGrad(y, gy, this.axis)];
  }
}

/** `gy - e^y Σ gy`: the gradient of log-softmax from its result, differentiable itself. */
class LogSoftmaxGrad extends FunctionNode {
  constructor(private readonly axis: number) {
    super();
  }

  override get label(): string {
    return "logSoftmax-grad";
  }

  override forward([y, gy]: readonly [NdArray, NdArray]): NdArray[] {
    this.retainInputs([0, 1]);
    return [gradKernel(y, gy, { axis: this.axis })];
  }

  override backward(indexes: readonly number[], [ggx]: readonly [Variable]): Gradients {
    const [y, gy] = this.getRetainedInputs() as [Variable, Variable];
    const along = { axis: this.axis, keepdims: true };
    const weighted = expTimes(y, ggx);
    return indexes.map((index) =>
      index === 1 ? sub(ggx, sum(weighted, along)) : negativeProduct(weighted, sum(gy, along)),
    );
  }
}

const expTimes = elementwiseFunction("logSoftmax-grad-grad", (y, ggx) => mul(exp(y), ggx));
const negativeProduct = elementwiseFunction("logSoftmax-grad-grad", (a, b) => neg(mul(a, b)));

function logSoftmaxGrad(y: Variable, gy: Variable, axis: number): Variable {
  return new LogSoftmaxGrad(axis).apply([y, gy])[0] as Variable;
}

/** Options of {@link logSoftmax}. */
export interface LogSoftmaxOptions {
  /** The axis along which probabilities sum to 1; 1 by default. */
  readonly axis?: number;
}

/**
 * Logarithm of softmax, `x - log Σ e^x` along `axis`; more accurate than the logarithm of `softmax`.
 *
 * Follows Chainer's `log_softmax`.
 *
 * @param x - Any shape that has `axis`, floating.
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if `x` is not floating or has no such axis.
 */
export function logSoftmax(x: VariableLike, { axis = 1 }: LogSoftmaxOptions = {}): Variable {
  return new LogSoftmax(axis).apply([x])[0] as Variable;
}
