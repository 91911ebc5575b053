import { cumsum as cumsumArray, type NdArray } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { expectAxis } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { flip } from "../array/flip.js";
import { reshape } from "../array/reshape.js";

/** Along which axis a cumulative function runs. */
export interface CumulativeOptions {
  /** An axis, or null for the flattened array (the default). */
  readonly axis?: number | null;
}

/** A run of {@link cumsum}. */
export class Cumsum extends FunctionNode {
  constructor(readonly axis: number) {
    super();
  }

  override get label(): string {
    return "cumsum";
  }

  override checkTypeForward([x]: readonly [NdArray]): void {
    expectAxis(this.label, "axis", this.axis, x.ndim);
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    return [cumsumArray(x, { axis: this.axis })];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const { axis } = this;
    return [flip(cumsum(flip(gy, axis), { axis }), axis)];
  }
}

/**
 * Running sums along an axis, of the flattened array by default (Chainer's `cumsum`).
 *
 * @throws InvalidType if there is no such axis.
 */
export function cumsum(x: VariableLike, { axis = null }: CumulativeOptions = {}): Variable {
  const run = (array: VariableLike, along: number): Variable => new Cumsum(along).apply([array])[0] as Variable;
  return axis === null ? run(reshape(x, [x.size]), 0) : run(x, axis);
}
