import type { NdArray } from "@chain/array";
import { add, mul, reduction, size, square, sub, div, type Expr } from "@chain/array/kernel";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { expectFloating, expectSameDtype, expectSameShape } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";

const meanOfSquares = reduction("meanSquaredError", {
  map: (x0: Expr, x1: Expr) => square(sub(x0, x1)),
  combine: add,
  identity: 0,
  finish: (total) => div(total, size),
});

const scaledDifference = elementwiseFunction("meanSquaredError-grad", (x0, x1, gy, factor) =>
  mul(mul(factor, gy), sub(x0, x1)),
);

class MeanSquaredError extends FunctionNode {
  override get label(): string {
    return "meanSquaredError";
  }

  override checkTypeForward([x0, x1]: readonly [NdArray, NdArray]): void {
    expectFloating("meanSquaredError", "x0", x0);
    expectSameDtype("meanSquaredError", "x0", x0, "x1", x1);
    expectSameShape("meanSquaredError", "x0", x0, "x1", x1);
  }

  override forward([x0, x1]: readonly [NdArray, NdArray]): NdArray[] {
    this.retainInputs([0, 1]);
    return [meanOfSquares(x0, x1)];
  }

  override backward(indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const [x0, x1] = this.getRetainedInputs() as [Variable, Variable];
    const factor = 2 / Math.max(x0.size, 1);
    return indexes.map((index) => scaledDifference(x0, x1, gy, index === 0 ? factor : -factor));
  }
}

/**
 * Mean of the squared differences of all elements.
 *
 * Follows Chainer's `mean_squared_error`.
 *
 * @param x0 - Any shape, floating.
 * @param x1 - Shape and dtype of `x0`.
 * @returns 0-d, dtype of `x0`.
 * @throws InvalidType if shapes or dtypes differ, or dtypes are not floating.
 */
export function meanSquaredError(x0: VariableLike, x1: VariableLike): Variable {
  return new MeanSquaredError().apply([x0, x1])[0] as Variable;
}
