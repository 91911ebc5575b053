import { broadcastShapes, sum, type NdArray, type Shape } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { formatShape, sameShape } from "../../shape.js";
import { invalidType } from "../../type-check.js";
import { asVariable, type Variable, type VariableLike } from "../../variable.js";
import { expectBroadcastable } from "./broadcastable.js";

/** Axes of `from` along which an array of shape `to` was repeated. */
function repeatedAxes(from: Shape, to: Shape): number[] {
  const lead = from.length - to.length;
  const axes: number[] = [];
  for (let i = 0; i < from.length; i++) if (i < lead || (to[i - lead] === 1 && from[i] !== 1)) axes.push(i);
  return axes;
}

/** Sums an array over the axes along which one of `shape` would be broadcast to it. */
export function sumArrayTo(x: NdArray, shape: Shape): NdArray {
  if (sameShape(x.shape, shape)) return x;
  const sums = sum(x, { axis: repeatedAxes(x.shape, shape), keepdims: true });
  return sums.view(shape, sums.strides.slice(sums.ndim - shape.length), sums.offset);
}

/** A view of `x` with `shape`, in which axes of length 1 are repeated without copying. */
export function broadcastArrayTo(x: NdArray, shape: Shape): NdArray {
  if (sameShape(x.shape, shape)) return x;
  const lead = shape.length - x.ndim;
  const strides = shape.map((_, i) => (i < lead || x.shape[i - lead] === 1 ? 0 : (x.strides[i - lead] as number)));
  return x.view(shape, strides, x.offset);
}

function broadcasts(from: Shape, to: Shape): boolean {
  if (from.length > to.length) return false;
  const lead = to.length - from.length;
  return from.every((length, i) => length === 1 || length === to[lead + i]);
}

class SumTo extends FunctionNode {
  constructor(private readonly shape: Shape) {
    super();
  }

  override get label(): string {
    return "sumTo";
  }

  override checkTypeForward([x]: readonly [NdArray]): void {
    if (!broadcasts(this.shape, x.shape)) {
      throw invalidType(this.label, `a shape that broadcasts to ${formatShape(x.shape)}`, formatShape(this.shape));
    }
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    return [sumArrayTo(x, this.shape)];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    return [broadcastTo(gy, this.inputShape(0))];
  }
}

/** A run of {@link broadcastTo}. */
export class BroadcastTo extends FunctionNode {
  constructor(readonly shape: Shape) {
    super();
  }

  override get label(): string {
    return "broadcastTo";
  }

  override checkTypeForward([x]: readonly [NdArray]): void {
    if (!broadcasts(x.shape, this.shape)) {
      throw invalidType(this.label, `an array that broadcasts to ${formatShape(this.shape)}`, formatShape(x.shape));
    }
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    return [broadcastArrayTo(x, this.shape)];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    return [sumTo(gy, this.inputShape(0))];
  }
}

/**
 * Sums over the axes along which an array of `shape` would be broadcast to the shape of `x`: the gradient of
 * broadcasting (Chainer's `sum_to`).
 *
 * @throws InvalidType if `shape` does not broadcast to the shape of `x`.
 */
export function sumTo(x: VariableLike, shape: Shape): Variable {
  if (sameShape(x.shape, shape)) return asVariable(x);
  return new SumTo([...shape]).apply([x])[0] as Variable;
}

/**
 * Repeats axes of length 1, and leading axes, until the array has `shape` (Chainer's `broadcast_to`). Nothing is copied.
 *
 * @throws InvalidType if the array cannot be broadcast to `shape`.
 */
export function broadcastTo(x: VariableLike, shape: Shape): Variable {
  if (sameShape(x.shape, shape)) return asVariable(x);
  return new BroadcastTo([...shape]).apply([x])[0] as Variable;
}

/**
 * Broadcasts arrays to their common shape (Chainer's `broadcast`).
 *
 * @throws InvalidType if there is none.
 */
export function broadcast(...xs: VariableLike[]): Variable[] {
  expectBroadcastable("broadcast", xs);
  const shape = broadcastShapes(...xs.map((x) => x.shape));
  return xs.map((x) => broadcastTo(x, shape));
}
