import { flip as flipArray, type NdArray } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { expectAxis } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";

class Flip extends FunctionNode {
  constructor(
    private readonly name: string,
    private readonly axis: number,
  ) {
    super();
  }

  override get label(): string {
    return this.name;
  }

  override checkTypeForward([x]: readonly [NdArray]): void {
    expectAxis(this.name, "axis", this.axis, x.ndim);
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    return [flipArray(x, { axis: this.axis })];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    return [flipAs(this.name, gy, this.axis)];
  }
}

/** {@link flip} under the name of another function. */
export function flipAs(label: string, x: VariableLike, axis: number): Variable {
  return new Flip(label, axis).apply([x])[0] as Variable;
}

/**
 * Reverses the order along an axis. Nothing is copied.
 *
 * Follows Chainer's `flip`.
 *
 * @throws InvalidType if there is no such axis.
 */
export function flip(x: VariableLike, axis: number): Variable {
  return flipAs("flip", x, axis);
}
