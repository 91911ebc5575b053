import type { NdArray } from "@chain/array";
import { elementwise, where as choose } from "@chain/array/kernel";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { expectSameDtype } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { sumTo } from "./broadcast-to.js";
import { expectBroadcastable } from "./broadcastable.js";

const kernel = elementwise("where", (condition, x, y) => choose(condition, x, y));

class Where extends FunctionNode {
  constructor(private readonly condition: NdArray) {
    super();
  }

  override get label(): string {
    return "where";
  }

  override checkTypeForward([x, y]: readonly [NdArray, NdArray]): void {
    expectSameDtype("where", "x", x, "y", y);
    expectBroadcastable("where", [this.condition, x, y]);
  }

  override forward([x, y]: readonly [NdArray, NdArray]): NdArray[] {
    return [kernel(this.condition, x, y)];
  }

  override backward(indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    return indexes.map((index) => sumTo(masked(this.condition, index === 0, gy), this.inputShape(index)));
  }
}

/** An array with zeros where a condition does not hold, or where it does. */
class Masked extends FunctionNode {
  constructor(
    private readonly condition: NdArray,
    private readonly holds: boolean,
  ) {
    super();
  }

  override get label(): string {
    return "where-grad";
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    return [this.holds ? kernel(this.condition, x, 0) : kernel(this.condition, 0, x)];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    return [masked(this.condition, this.holds, gy)];
  }
}

function masked(condition: NdArray, holds: boolean, x: Variable): Variable {
  return new Masked(condition, holds).apply([x])[0] as Variable;
}

/**
 * Elements of `x` where the condition holds, of `y` elsewhere; all three broadcast.
 *
 * Follows Chainer's `where`.
 *
 * @param condition - Bool; of other dtypes everything but 0 counts as true. It has no gradient.
 * @throws InvalidType if the dtypes of `x` and `y` differ, or shapes do not broadcast.
 */
export function where(condition: VariableLike, x: VariableLike, y: VariableLike): Variable {
  return new Where(asArray(condition)).apply([x, y])[0] as Variable;
}
