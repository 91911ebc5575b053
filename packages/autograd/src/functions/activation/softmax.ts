import type { NdArray } from "@chain/array";
import { div, exp, mul as times, rowwise, sub as minus } from "@chain/array/kernel";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { expectAxis, expectFloating } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { mul } from "../math/basic-math.js";
import { sum } from "../math/sum.js";

const softmaxKernel = rowwise("softmax", (row, x) => {
  const e = exp(minus(x, row.max(x)));
  return div(e, row.sum(e));
});

const gradKernel = rowwise("softmax-grad", (row, y, gy) => times(y, minus(gy, row.sum(times(y, gy)))));

/** A run of {@link softmax}. */
export class Softmax extends FunctionNode {
  constructor(readonly axis: number) {
    super();
  }

  override get label(): string {
    return "softmax";
  }

  override checkTypeForward([x]: readonly [NdArray]): void {
    expectFloating("softmax", "x", x);
    expectAxis("softmax", "axis", this.axis, x.ndim);
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    this.retainOutputs([0]);
    return [softmaxKernel(x, { axis: this.axis })];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const [y] = this.getRetainedOutputs() as [Variable];
    return [softmaxGrad(y, gy, this.axis)];
  }
}

/** `y (gy - Σ y gy)`: the gradient of softmax from its result, differentiable itself. */
class SoftmaxGrad extends FunctionNode {
  constructor(private readonly axis: number) {
    super();
  }

  override get label(): string {
    return "softmax-grad";
  }

  override forward([y, gy]: readonly [NdArray, NdArray]): NdArray[] {
    this.retainInputs([0, 1]);
    return [gradKernel(y, gy, { axis: this.axis })];
  }

  override backward(indexes: readonly number[], [ggx]: readonly [Variable]): Gradients {
    const [y, gy] = this.getRetainedInputs() as [Variable, Variable];
    const { axis } = this;
    return indexes.map((index) => {
      if (index === 1) return softmaxGrad(y, ggx, axis);
      const along = { axis, keepdims: true };
      return gradOfY(ggx, gy, sum(mul(y, gy), along), sum(mul(y, ggx), along));
    });
  }
}

const gradOfY = elementwiseFunction("softmax-grad-grad", (ggx, gy, sumOfGy, sumOfGgx) =>
  minus(times(ggx, minus(gy, sumOfGy)), times(gy, sumOfGgx)),
);

/** The gradient of softmax along `axis` from its result and the result's gradient. */
export function softmaxGrad(y: VariableLike, gy: VariableLike, axis: number): Variable {
  return new SoftmaxGrad(axis).apply([y, gy])[0] as Variable;
}

/** Options of {@link softmax}. */
export interface SoftmaxOptions {
  /** The axis along which results sum to 1; 1 by default. */
  readonly axis?: number;
}

/**
 * Softmax, `e^x / Σ e^x` along `axis`, computed without overflow.
 *
 * Follows Chainer's `softmax`.
 *
 * @param x - Any shape that has `axis`, floating.
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if `x` is not floating or has no such axis.
 */
export function softmax(x: VariableLike, { axis = 1 }: SoftmaxOptions = {}): Variable {
  return new Softmax(axis).apply([x])[0] as Variable;
}
