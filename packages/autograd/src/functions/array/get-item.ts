import { addAt, copy, getItem as getArrayItem, zeros, type Indices, type NdArray, type Shape } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import type { GradientSum } from "../../gradient-sum.js";
import { expectSameDtype } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { sumTo } from "./broadcast-to.js";

/** A run of {@link getItem}. */
export class GetItem extends FunctionNode {
  constructor(readonly indices: Indices) {
    super();
  }

  override get label(): string {
    return "getItem";
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    return [getArrayItem(x, this.indices)];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    return [placeItem(gy, this.indices, this.inputShape(0))];
  }

  override addGradient(_index: number, [gy]: readonly [Variable], sum: GradientSum): boolean {
    addAt(sum.array, this.indices, gy.array);
    return true;
  }
}

/** The gradient of {@link getItem}: zeros of some shape to which `gy` has been added at an index. */
class PlaceItem extends FunctionNode {
  constructor(
    private readonly indices: Indices,
    private readonly shape: Shape,
  ) {
    super();
  }

  override get label(): string {
    return "getItem-grad";
  }

  override forward([gy]: readonly [NdArray]): NdArray[] {
    const result = zeros(this.shape, { dtype: gy.dtype, device: gy.device });
    addAt(result, this.indices, gy);
    return [result];
  }

  override backward(_indexes: readonly number[], [gg]: readonly [Variable]): Gradients {
    return [getItem(gg, this.indices)];
  }
}

class ScatterAdd extends FunctionNode {
  constructor(private readonly indices: Indices) {
    super();
  }

  override get label(): string {
    return "scatterAdd";
  }

  override checkTypeForward([a, b]: readonly [NdArray, NdArray]): void {
    expectSameDtype(this.label, "a", a, "b", b);
  }

  override forward([a, b]: readonly [NdArray, NdArray]): NdArray[] {
    const result = copy(a);
    addAt(result, this.indices, b);
    return [result];
  }

  override backward(indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const shape = this.inputShape(1);
    return indexes.map((index) => (index === 0 ? gy : sumTo(getItem(gy, this.indices), shape)));
  }
}

/** Zeros of a shape to which `gy` has been added at an index. */
export function placeItem(gy: Variable, indices: Indices, shape: Shape): Variable {
  return new PlaceItem(indices, shape).apply([gy])[0] as Variable;
}

/**
 * Elements by index, as NumPy's `x[...]` (Chainer's `get_item`): whole numbers, `slice()`, `newaxis`, `ellipsis`,
 * integer arrays and masks; see `getItem` of `@chain/array`. Where an index repeats a position, its gradients add up.
 *
 * @throws IndexError if a position is out of range, or there are too many parts.
 */
export function getItem(x: VariableLike, indices: Indices): Variable {
  return new GetItem(indices).apply([x])[0] as Variable;
}

/**
 * `a` with `b` added at an index (Chainer's `scatter_add`); where the index repeats a position, all are added. `a` itself
 * does not change.
 */
export function scatterAdd(a: VariableLike, indices: Indices, b: VariableLike): Variable {
  return new ScatterAdd(indices).apply([a, b])[0] as Variable;
}
