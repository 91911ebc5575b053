import { matmulInto, transpose, ValueError, type NdArray } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import type { GradientSum } from "../../gradient-sum.js";
import { expectEqual, expectFloating, expectNdim, expectSameDtype } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { reshape } from "../array/reshape.js";
import { isLeftOut } from "../left-out.js";
import { matmul } from "../math/matmul.js";
import { sum as sumOf } from "../math/sum.js";

/** A run of {@link linear}. */
export class Linear extends FunctionNode {
  override get label(): string {
    return "linear";
  }

  override checkTypeForward(inputs: readonly NdArray[]): void {
    const [x, W, b] = inputs as readonly [NdArray, NdArray, NdArray?];
    expectFloating("linear", "x", x);
    expectSameDtype("linear", "x", x, "W", W);
    expectNdim("linear", "x", x, 2);
    expectNdim("linear", "W", W, 2);
    expectEqual("linear", "x.shape[1]", x.shape[1] as number, "W.shape[1]", W.shape[1] as number);
    if (b === undefined) return;
    expectSameDtype("linear", "x", x, "b", b);
    expectNdim("linear", "b", b, 1);
    expectEqual("linear", "b.shape[0]", b.shape[0] as number, "W.shape[0]", W.shape[0] as number);
  }

  override forward(inputs: readonly NdArray[]): NdArray[] {
    const [x, W, b = null] = inputs as readonly [NdArray, NdArray, NdArray?];
    // Each of the two is needed for the gradient of the other.
    if (this.wantsGradient(0)) this.retainInputs(this.wantsGradient(1) ? [0, 1] : [1]);
    else if (this.wantsGradient(1)) this.retainInputs([0]);
    return [matmulInto(x, transpose(W), { bias: b })];
  }

  override backward(indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const retained = this.getRetainedInputs();
    return indexes.map((index) => {
      if (index === 0) return matmul(gy, retained.at(-1) as Variable);
      if (index === 1) return matmul(gy, retained[0] as Variable, { transa: true });
      return sumOf(gy, { axis: 0 });
    });
  }

  override addGradient(index: number, [gy]: readonly [Variable], sum: GradientSum): boolean {
    if (index > 1) return sum.addOnlyRow(gy.array);
    if (index === 1) {
      sum.addProduct(gy.array, this.retainedInput(0));
    } else {
      const W = this.retainedInput(this.wantsGradient(1) ? 1 : 0);
      matmulInto(gy.array, W, { out: sum.array, accumulate: true });
    }
    return true;
  }
}

/** Options of {@link linear}. */
export interface LinearOptions {
  /** How many axes of `x` count samples, 1 by default. The others are flattened. */
  readonly nBatchAxes?: number;
}

/**
 * Linear layer, `x Wᵀ + b`.
 *
 * Follows Chainer's `linear`.
 *
 * @param x - Shape `(batch, …)`, of which everything after the batch axes is flattened to `in` elements; floating.
 * @param W - Shape `(out, in)`.
 * @param b - Shape `(out,)`, or null.
 * @returns Shape `(batch, out)`, or the batch axes followed by `out`.
 * @throws InvalidType if shapes do not fit, or dtypes differ or are not floating; ValueError if `nBatchAxes` is below 1.
 */
export function linear(x: VariableLike, W: VariableLike, b?: VariableLike | null, options?: LinearOptions): Variable;
export function linear(x: VariableLike, W: VariableLike, options: LinearOptions): Variable;
export function linear(
  x: VariableLike,
  W: VariableLike,
  b: VariableLike | LinearOptions | null = null,
  { nBatchAxes = 1 }: LinearOptions = {},
): Variable {
  if (isLeftOut(b)) return linear(x, W, null, b);
  const { shape } = x;
  if (nBatchAxes === 1 && shape.length === 2) return apply(x, W, b);
  if (!Number.isInteger(nBatchAxes) || nBatchAxes < 1) {
    throw new ValueError(`linear: nBatchAxes is a whole number from 1 up, got ${nBatchAxes}`);
  }
  const batch = shape.slice(0, nBatchAxes);
  const samples = batch.reduce((product, length) => product * length, 1);
  const features = shape.slice(nBatchAxes).reduce((product, length) => product * length, 1);
  const y = apply(shape.length > nBatchAxes ? reshape(x, [samples, features]) : x, W, b);
  return nBatchAxes === 1 ? y : reshape(y, [...batch, y.shape[1] as number]);
}

function apply(x: VariableLike, W: VariableLike, b: VariableLike | null): Variable {
  return new Linear().apply(b === null ? [x, W] : [x, W, b])[0] as Variable;
}
