import { det as detArray, type NdArray } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import type { Variable, VariableLike } from "../../variable.js";
import { reshape } from "../array/reshape.js";
import { transpose } from "../array/transpose.js";
import { mul } from "./basic-math.js";
import { batchInv, expectSquare } from "./inv.js";

class Det extends FunctionNode {
  override get label(): string {
    return "det";
  }

  override checkTypeForward([a]: readonly [NdArray]): void {
    expectSquare(this.label, a, 3);
  }

  override forward([a]: readonly [NdArray]): NdArray[] {
    this.retainInputs([0]);
    this.retainOutputs([0]);
    return [detArray(a)];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const [a] = this.getRetainedInputs() as [Variable];
    const [y] = this.getRetainedOutputs() as [Variable];
    return [mul(reshape(mul(gy, y), [a.shape[0] as number, 1, 1]), transpose(batchInv(a), [0, 2, 1]))];
  }
}

/**
 * Determinants of a stack of square matrices, shape `(B, N, N)` to `(B,)` (Chainer's `batch_det`). The gradient exists for
 * invertible matrices.
 *
 * @throws InvalidType for other shapes.
 */
export function batchDet(a: VariableLike): Variable {
  return new Det().apply([a])[0] as Variable;
}

/** Determinant of a square matrix, a 0-d Variable (Chainer's `det`); see {@link batchDet}. */
export function det(a: VariableLike): Variable {
  const { shape } = a;
  return reshape(batchDet(reshape(a, [1, ...shape])), []);
}
