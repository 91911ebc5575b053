import {
  addAt,
  ascontiguousarray,
  asStrided as asStridedArray,
  InvalidType,
  reshape,
  zeros,
  type NdArray,
  type Shape,
} from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { formatShape } from "../../shape.js";
import type { Variable, VariableLike } from "../../variable.js";

/** How a result's elements lie in the flattened array. */
interface Layout {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

class AsStrided extends FunctionNode {
  constructor(private readonly layout: Layout) {
    super();
  }

  override get label(): string {
    return "asStrided";
  }

  override checkTypeForward([x]: readonly [NdArray]): void {
    const { shape, strides, offset } = this.layout;
    const whole = [offset, ...shape, ...strides].every(Number.isInteger);
    if (!whole || shape.length !== strides.length || shape.some((length) => length < 0)) {
      throw InvalidType.of(
        "asStrided (forward)",
        "one whole stride an axis",
        `shape ${formatShape(shape)}, strides ${formatShape(strides)}`,
      );
    }
    if (shape.includes(0)) return;
    let low = offset;
    let high = offset;
    shape.forEach((length, axis) => {
      const reach = (length - 1) * (strides[axis] as number);
      if (reach < 0) low += reach;
      else high += reach;
    });
    if (low < 0 || high >= x.size) {
      throw InvalidType.of("asStrided (forward)", `positions within the ${x.size} elements of x`, `${low} to ${high}`);
    }
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    const { shape, strides, offset } = this.layout;
    const flat = ascontiguousarray(x);
    return [asStridedArray(flat, shape, strides, { storageOffset: flat.offset + offset })];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    return [new AsStridedGrad(this.layout, this.inputShape(0)).apply([gy])[0] as Variable];
  }
}

/** Adds every element of the gradient to where it came from. */
class AsStridedGrad extends FunctionNode {
  constructor(
    private readonly layout: Layout,
    private readonly shape: Shape,
  ) {
    super();
  }

  override get label(): string {
    return "asStrided-grad";
  }

  override forward([gy]: readonly [NdArray]): NdArray[] {
    const { dtype, device } = gy;
    const size = this.shape.reduce((product, length) => product * length, 1);
    const sums = zeros([size], { dtype, device });
    addAt(sums, [positionsOf(this.layout)], reshape(gy, [gy.size]));
    return [reshape(sums, this.shape)];
  }

  override backward(_indexes: readonly number[], [ggx]: readonly [Variable]): Gradients {
    return [new AsStrided(this.layout).apply([ggx])[0] as Variable];
  }
}

/** Positions of all elements in the flattened array, in C order. */
function positionsOf({ shape, strides, offset }: Layout): number[] {
  let positions = [offset];
  shape.forEach((length, axis) => {
    const steps = Array.from({ length }, (_, i) => i * (strides[axis] as number));
    positions = positions.flatMap((position) => steps.map((step) => position + step));
  });
  return positions;
}

/** Options of {@link asStrided}. */
export interface AsStridedOptions {
  /** Position of the first element in the flattened `x`, 0 by default. */
  readonly storageOffset?: number | null;
}

/**
 * A result of any shape and strides over the elements of `x`, which are taken to lie in C order; elements may occur
 * several times, and their gradients add up. Nothing is copied if `x` is contiguous.
 *
 * Follows Chainer's `as_strided`.
 *
 * @param strides - One an axis, in elements.
 * @throws InvalidType if the result would leave the elements of `x`.
 */
export function asStrided(
  x: VariableLike,
  shape: Shape,
  strides: readonly number[],
  { storageOffset }: AsStridedOptions = {},
): Variable {
  const layout = { shape: [...shape], strides: [...strides], offset: storageOffset ?? 0 };
  return new AsStrided(layout).apply([x])[0] as Variable;
}
