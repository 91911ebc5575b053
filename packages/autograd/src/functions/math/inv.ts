import { inv as invArray, type NdArray } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { expectEqual, expectFloating, expectNdim } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { neg } from "./basic-math.js";
import { matmul } from "./matmul.js";

/** Checks for one square matrix, or a stack of them. */
export function expectSquare(label: string, x: NdArray, ndim: 2 | 3): void {
  expectFloating(label, "a", x);
  expectNdim(label, "a", x, ndim);
  expectEqual(label, "a.shape[-2]", x.shape.at(-2) ?? 0, "a.shape[-1]", x.shape.at(-1) ?? 0);
}

class Inv extends FunctionNode {
  constructor(
    private readonly name: string,
    private readonly axes: 2 | 3,
  ) {
    super();
  }

  override get label(): string {
    return this.name;
  }

  override checkTypeForward([a]: readonly [NdArray]): void {
    expectSquare(this.label, a, this.axes);
  }

  override forward([a]: readonly [NdArray]): NdArray[] {
    this.retainOutputs([0]);
    return [invArray(a)];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const [y] = this.getRetainedOutputs() as [Variable];
    return [neg(matmul(matmul(y, gy, { transa: true }), y, { transb: true }))];
  }
}

/**
 * Inverse of a square matrix (Chainer's `inv`).
 *
 * @throws ValueError if it is singular; InvalidType if it is no square matrix.
 */
export function inv(a: VariableLike): Variable {
  return new Inv("inv", 2).apply([a])[0] as Variable;
}

/** Inverses of a stack of square matrices, shape `(B, N, N)` (Chainer's `batch_inv`); see {@link inv}. */
export function batchInv(a: VariableLike): Variable {
  return new Inv("batchInv", 3).apply([a])[0] as Variable;
}
