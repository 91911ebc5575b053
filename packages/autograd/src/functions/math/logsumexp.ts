import { logsumexp as logsumexpArray, type Axis, type NdArray } from "@chain/array";
import * as k from "@chain/array/kernel";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { expectAxes, expectFloating } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { reshape } from "../array/reshape.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { keptShape } from "./sum.js";

const weighted = elementwiseFunction("logsumexp-grad", (x, y, gy) => k.mul(gy, k.exp(k.sub(x, y))));

/** A run of {@link logsumexp}. */
export class Logsumexp extends FunctionNode {
  constructor(readonly axis: Axis) {
    super();
  }

  override get label(): string {
    return "logsumexp";
  }

  override checkTypeForward([x]: readonly [NdArray]): void {
    expectFloating(this.label, "x", x);
    expectAxes(this.label, this.axis, x.ndim);
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    this.retainInputs([0]);
    this.retainOutputs([0]);
    return [logsumexpArray(x, { axis: this.axis })];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const [x] = this.getRetainedInputs() as [Variable];
    const [y] = this.getRetainedOutputs() as [Variable];
    const kept = keptShape(x.shape, this.axis);
    return [weighted(x, reshape(y, kept), reshape(gy, kept))];
  }
}

/**
 * `log Σ e^x` along axes, all by default, without overflow (Chainer's `logsumexp`).
 *
 * @throws InvalidType if there is no such axis.
 */
export function logsumexp(x: VariableLike, { axis = null }: { readonly axis?: Axis } = {}): Variable {
  return new Logsumexp(axis).apply([x])[0] as Variable;
}
