import { prod as prodArray, type NdArray } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { expectAxes, expectFloating } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { flip } from "../array/flip.js";
import { reshape } from "../array/reshape.js";
import { transpose } from "../array/transpose.js";
import { mul } from "./basic-math.js";
import { exclusiveProducts } from "./cumprod.js";
import { keptShape, type ReductionOptions } from "./sum.js";

class Prod extends FunctionNode {
  constructor(private readonly options: ReductionOptions) {
    super();
  }

  override get label(): string {
    return "prod";
  }

  override checkTypeForward([x]: readonly [NdArray]): void {
    expectFloating(this.label, "x", x);
    expectAxes(this.label, this.options.axis, x.ndim);
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    this.retainInputs([0]);
    return [prodArray(x, this.options)];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const [x] = this.getRetainedInputs() as [Variable];
    const axes = expectAxes(this.label, this.options.axis, x.ndim);
    return [mul(otherProducts(x, axes), reshape(gy, keptShape(x.shape, axes)))];
  }
}

/** For every element the product of all others along axes, without a division. */
function otherProducts(x: Variable, axes: readonly number[]): Variable {
  if (x.size === 0) return x;
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const order = [...kept, ...axes];
  const shape = order.map((axis) => x.shape[axis] as number);
  const length = axes.reduce((product, axis) => product * (x.shape[axis] as number), 1);
  const rows = reshape(transpose(x, order), [x.size / length, length]);
  const others = mul(exclusiveProducts(rows, 1), flip(exclusiveProducts(flip(rows, 1), 1), 1));
  const inverse = order.map((_, i) => order.indexOf(i));
  return transpose(reshape(others, shape), inverse);
}

/**
 * Product of the elements along axes, all by default (Chainer's `prod`).
 *
 * @throws InvalidType if there is no such axis.
 */
export function prod(x: VariableLike, options: ReductionOptions = {}): Variable {
  return new Prod(options).apply([x])[0] as Variable;
}
