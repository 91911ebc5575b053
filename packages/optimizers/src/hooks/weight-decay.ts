import type { Parameter } from "@chain/autograd";
import { add, elementwise, mul, type KernelRun } from "@chain/array/kernel";
import { writableGradient } from "../gradients.js";
import { KernelHook } from "../hook.js";
import type { UpdateRule } from "../update-rule.js";

const decay = elementwise("weight_decay", { scalars: ["rate"] }, (g, p, { rate }) => add(g, mul(rate, p)));

/** Weight decay: adds `rate · p` to every gradient (Chainer's `WeightDecay`). */
export class WeightDecay extends KernelHook {
  readonly name = "WeightDecay";

  constructor(public rate: number) {
    super();
  }

  prepare(_rule: UpdateRule, param: Parameter): KernelRun {
    const grad = writableGradient(param);
    return decay.prepare(grad, grad, param.array, { rate: this.rate });
  }
}
