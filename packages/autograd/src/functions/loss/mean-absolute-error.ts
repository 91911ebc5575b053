import type { NdArray } from "@chain/array";
import { abs, add, div, gt, lt, mul, reduction, size, sub, where, type Expr } from "@chain/array/kernel";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { expectFloating, expectSameDtype, expectSameShape } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";

const meanOfDistances = reduction("meanAbsoluteError", {
  map: (x0: Expr, x1: Expr) => abs(sub(x0, x1)),
  combine: add,
  identity: 0,
  finish: (total) => div(total, size),
});

const signs = elementwiseFunction("meanAbsoluteError-grad", (x0, x1, gy, factor) =>
  mul(mul(factor, gy), where(gt(x0, x1), 1, where(lt(x0, x1), -1, 0))),
);

class MeanAbsoluteError extends FunctionNode {
  override get label(): string {
    return "meanAbsoluteError";
  }

  override checkTypeForward([x0, x1]: readonly [NdArray, NdArray]): void {
    expectFloating("meanAbsoluteError", "x0", x0);
    expectSameDtype("meanAbsoluteError", "x0", x0, "x1", x1);
    expectSameShape("meanAbsoluteError", "x0", x0, "x1", x1);
  }

  override forward([x0, x1]: readonly [NdArray, NdArray]): NdArray[] {
    this.retainInputs([0, 1]);
    return [meanOfDistances(x0, x1)];
  }

  override backward(indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const [x0, x1] = this.getRetainedInputs() as [Variable, Variable];
    const factor = 1 / Math.max(x0.size, 1);
    return indexes.map((index) => signs(x0, x1, gy, index === 0 ? factor : -factor));
  }
}

/**
 * Mean of the absolute differences of all elements. The gradient of equal elements is 0.
 *
 * Follows Chainer's `mean_absolute_error`.
 *
 * @param x0 - Any shape, floating.
 * @param x1 - Shape and dtype of `x0`.
 * @returns 0-d, dtype of `x0`.
 * @throws InvalidType if shapes or dtypes differ, or dtypes are not floating.
 */
export function meanAbsoluteError(x0: VariableLike, x1: VariableLike): Variable {
  return new MeanAbsoluteError().apply([x0, x1])[0] as Variable;
}
