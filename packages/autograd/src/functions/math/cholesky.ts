import { array, cholesky as choleskyArray, type NdArray } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import type { Variable, VariableLike } from "../../variable.js";
import { transpose } from "../array/transpose.js";
import { add, mul } from "./basic-math.js";
import { expectSquare, inv } from "./inv.js";
import { matmul } from "./matmul.js";

class Cholesky extends FunctionNode {
  override get label(): string {
    return "cholesky";
  }

  override checkTypeForward([a]: readonly [NdArray]): void {
    expectSquare(this.label, a, 2);
  }

  override forward([a]: readonly [NdArray]): NdArray[] {
    this.retainOutputs([0]);
    return [choleskyArray(a)];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const [y] = this.getRetainedOutputs() as [Variable];
    // Murray, "Differentiation of the Cholesky decomposition" (2016): with Φ the lower triangle and half the diagonal,
    // S = L⁻ᵀ · Φ(Lᵀ · gL) · L⁻¹, made symmetric because only symmetric changes of `a` mean anything.
    const inverse = inv(y);
    const inner = mul(matmul(y, gy, { transa: true }), lowerHalf(y));
    const s = matmul(matmul(inverse, inner, { transa: true }), inverse);
    return [mul(add(s, transpose(s)), 0.5)];
  }
}

/** 1 below the diagonal, 1/2 on it, 0 above. */
function lowerHalf({ shape, dtype, device }: Variable): NdArray {
  const n = shape[0] as number;
  const values = Float64Array.from({ length: n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    return i > j ? 1 : i === j ? 0.5 : 0;
  });
  return array(values, { dtype, device }).reshape([n, n]);
}

/**
 * Lower triangular `L` with `L · Lᵀ = a`, for a symmetric positive definite matrix (Chainer's `cholesky`). Its gradient is
 * symmetric.
 *
 * @throws ValueError if `a` is not positive definite; InvalidType if it is no square matrix.
 */
export function cholesky(a: VariableLike): Variable {
  return new Cholesky().apply([a])[0] as Variable;
}
