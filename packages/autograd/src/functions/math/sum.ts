import { sum as sumArray, type Axis, type NdArray, type Shape } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { expectAxes } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { reshape } from "../array/reshape.js";
import { broadcastTo } from "../array/broadcast-to.js";

/** Which axes a reduction takes away. */
export interface ReductionOptions {
  /** One axis, several, or null for all of them (the default). */
  readonly axis?: Axis;
  /** Keeps the reduced axes with length 1. Default false. */
  readonly keepdims?: boolean;
}

/** `shape` with the axes that a reduction takes away kept as 1. */
export function keptShape(shape: Shape, axis: Axis | undefined): number[] {
  if (axis === null || axis === undefined) return shape.map(() => 1);
  const kept = [...shape];
  for (const a of typeof axis === "number" ? [axis] : axis) kept[a < 0 ? a + shape.length : a] = 1;
  return kept;
}

/** A run of {@link sum}. */
export class Sum extends FunctionNode {
  constructor(readonly options: ReductionOptions) {
    super();
  }

  override get label(): string {
    return "sum";
  }

  override checkTypeForward([x]: readonly [NdArray]): void {
    expectAxes(this.label, this.options.axis, x.ndim);
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    return [sumArray(x, this.options)];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const shape = this.inputShape(0);
    return [broadcastTo(reshape(gy, keptShape(shape, this.options.axis)), shape)];
  }
}

/**
 * Sum of the elements along axes, all by default (Chainer's `sum`).
 *
 * @throws InvalidType if there is no such axis.
 */
export function sum(x: VariableLike, options: ReductionOptions = {}): Variable {
  return new Sum(options).apply([x])[0] as Variable;
}
