import { copyto, diagonal as diagonalArray, zeros, type NdArray, type Shape } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { expectAxis, expectMinNdim, expectThat } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";

/** Options of {@link diagonal}. */
export interface DiagonalOptions {
  /** Which diagonal: 0 (the default) the main one, positive above it, negative below. */
  readonly offset?: number;
  /** The axis of rows, 0 by default. */
  readonly axis1?: number;
  /** The axis of columns, 1 by default. */
  readonly axis2?: number;
}

class Diagonal extends FunctionNode {
  constructor(private readonly options: DiagonalOptions) {
    super();
  }

  override get label(): string {
    return "diagonal";
  }

  override checkTypeForward([x]: readonly [NdArray]): void {
    const { axis1 = 0, axis2 = 1 } = this.options;
    expectMinNdim("diagonal", "x", x, 2);
    const rows = expectAxis("diagonal", "axis1", axis1, x.ndim);
    const columns = expectAxis("diagonal", "axis2", axis2, x.ndim);
    expectThat("diagonal", rows !== columns, "axis1 != axis2", `${axis1} and ${axis2}`);
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    return [diagonalArray(x, this.options)];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    return [new DiagonalGrad(this.options, this.inputShape(0)).apply([gy])[0] as Variable];
  }
}

/** Zeros of a shape, with the gradient on a diagonal. */
class DiagonalGrad extends FunctionNode {
  constructor(
    private readonly options: DiagonalOptions,
    private readonly shape: Shape,
  ) {
    super();
  }

  override get label(): string {
    return "diagonal-grad";
  }

  override forward([gy]: readonly [NdArray]): NdArray[] {
    const result = zeros(this.shape, { dtype: gy.dtype, device: gy.device });
    copyto(diagonalArray(result, this.options), gy);
    return [result];
  }

  override backward(_indexes: readonly number[], [ggx]: readonly [Variable]): Gradients {
    return [diagonal(ggx, this.options)];
  }
}

/**
 * A diagonal of every plane of two axes, along a new last axis. Nothing is copied.
 *
 * Follows Chainer's `diagonal`.
 *
 * @throws InvalidType if `x` has fewer than two axes, or not these.
 */
export function diagonal(x: VariableLike, options: DiagonalOptions = {}): Variable {
  return new Diagonal(options).apply([x])[0] as Variable;
}
