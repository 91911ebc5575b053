import type { Parameter } from "@chain/autograd";
import { add, elementwise, gt, lt, mul, sub, where, type KernelRun } from "@chain/array/kernel";
import { writableGradient } from "../gradients.js";
import { KernelHook } from "../hook.js";
import type { UpdateRule } from "../update-rule.js";

const lasso = elementwise("lasso", { scalars: ["rate"] }, (g, p, { rate }) => {
  const sign = sub(where(gt(p, 0), 1, 0), where(lt(p, 0), 1, 0));
  return add(g, mul(rate, sign));
});

/** L1 regularization: adds `rate · sign(p)` to every gradient (Chainer's `Lasso`). */
export class Lasso extends KernelHook {
  readonly name = "Lasso";

  constructor(public rate: number) {
    super();
  }

  prepare(_rule: UpdateRule, param: Parameter): KernelRun {
    const grad = writableGradient(param);
    return lasso.prepare(grad, grad, param.array, { rate: this.rate });
  }
}
