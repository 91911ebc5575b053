import type { Parameter } from "@chain/autograd";
import { add, elementwise, gt, lt, mul, sub, where } from "@chain/array/kernel";
import { writableGradient } from "../gradients.js";
import type { ParameterHook } from "../hook.js";
import type { UpdateRule } from "../update-rule.js";

const lasso = elementwise("lasso", { scalars: ["rate"] }, (g, p, { rate }) => {
  const sign = sub(where(gt(p, 0), 1, 0), where(lt(p, 0), 1, 0));
  return add(g, mul(rate, sign));
});

/** L1 regularization: adds `rate · sign(p)` to every gradient (Chainer's `Lasso`). */
export class Lasso implements ParameterHook {
  readonly name = "Lasso";
  readonly timing = "pre";
  readonly callForEachParam = true;

  constructor(public rate: number) {}

  call(_rule: UpdateRule, param: Parameter): void {
    const grad = writableGradient(param);
    lasso.into(grad, grad, param.array, { rate: this.rate });
  }
}
