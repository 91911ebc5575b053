import { transpose as transposeArray, ValueError, type NdArray } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import type { Variable, VariableLike } from "../../variable.js";

/** The order of axes: a list, or `{ axes }`; all reversed when not given. */
export type TransposeAxes = readonly number[] | null | { readonly axes?: readonly number[] | null };

/** A run of {@link transpose}. */
export class Transpose extends FunctionNode {
  constructor(readonly axes: readonly number[] | null) {
    super();
  }

  override get label(): string {
    return "transpose";
  }

  override checkTypeForward([x]: readonly [NdArray]): void {
    const { axes } = this;
    if (axes === null) return;
    const { ndim } = x;
    const order = axes.map((axis) => (axis < 0 ? axis + ndim : axis));
    const valid = order.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < ndim);
    if (!valid || order.length !== ndim || new Set(order).size !== ndim) {
      throw new ValueError(`transpose: axes [${axes.join(", ")}] are not a permutation of the ${ndim} axes of x`);
    }
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    return [transposeArray(x, this.axes)];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const { axes } = this;
    if (axes === null) return [transpose(gy)];
    const inverse = new Array<number>(axes.length);
    axes.forEach((axis, i) => (inverse[axis < 0 ? axis + axes.length : axis] = i));
    return [transpose(gy, inverse)];
  }
}

/**
 * Axes in another order, without copying (Chainer's `transpose`): axis `i` of the result is axis `axes[i]` of `x`;
 * reversed when no order is given.
 *
 * @throws ValueError if `axes` is no permutation of the axes.
 */
export function transpose(x: VariableLike, axes: TransposeAxes = null): Variable {
  const order = axes === null || isList(axes) ? axes : (axes.axes ?? null);
  return new Transpose(order).apply([x])[0] as Variable;
}

function isList(axes: readonly number[] | object): axes is readonly number[] {
  return Array.isArray(axes);
}
