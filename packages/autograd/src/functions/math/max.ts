import { max as maxArray, min as minArray, type NdArray } from "@chain/array";
import { eq, where } from "@chain/array/kernel";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { expectAxes, expectFloating, invalidType } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { reshape } from "../array/reshape.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { keptShape, type ReductionOptions } from "./sum.js";

/** Gives the gradient of an extremum to every element that equals it. */
const selected = elementwiseFunction("selected", (x, y, gy) => where(eq(x, y), gy, 0));

/** A run of {@link max} or {@link min}. */
export class Extremum extends FunctionNode {
  constructor(
    readonly which: "max" | "min",
    readonly options: ReductionOptions,
  ) {
    super();
  }

  override get label(): string {
    return this.which;
  }

  override checkTypeForward([x]: readonly [NdArray]): void {
    expectFloating(this.label, "x", x);
    const axes = expectAxes(this.label, this.options.axis, x.ndim);
    if (axes.some((axis) => x.shape[axis] === 0)) throw invalidType(this.label, "an element along the axes", "none");
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    this.retainInputs([0]);
    this.retainOutputs([0]);
    return [(this.which === "max" ? maxArray : minArray)(x, this.options)];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const [x] = this.getRetainedInputs() as [Variable];
    const [y] = this.getRetainedOutputs() as [Variable];
    const kept = keptShape(x.shape, this.options.axis);
    return [selected(x, reshape(y, kept), reshape(gy, kept))];
  }
}

/**
 * The largest element along axes, all by default (Chainer's `max`). Every element that equals it gets the whole
 * gradient.
 *
 * @throws InvalidType if there is no such axis, or no element along it.
 */
export function max(x: VariableLike, options: ReductionOptions = {}): Variable {
  return new Extremum("max", options).apply([x])[0] as Variable;
}

/** The smallest element along axes; as {@link max} (Chainer's `min`). */
export function min(x: VariableLike, options: ReductionOptions = {}): Variable {
  return new Extremum("min", options).apply([x])[0] as Variable;
}
