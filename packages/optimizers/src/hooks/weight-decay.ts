import type { Parameter } from "@chain/autograd";
import { add, elementwise, mul } from "@chain/array/kernel";
import { writableGradient } from "../gradients.js";
import type { ParameterHook } from "../hook.js";
import type { UpdateRule } from "../update-rule.js";

const decay = elementwise("weight_decay", { scalars: ["rate"] }, (g, p, { rate }) => add(g, mul(rate, p)));

/** Weight decay: adds `rate · p` to every gradient (Chainer's `WeightDecay`). */
export class WeightDecay implements ParameterHook {
  readonly name = "WeightDecay";
  readonly timing = "pre";
  readonly callForEachParam = true;

  constructor(public rate: number) {}

  call(_rule: UpdateRule, param: Parameter): void {
    const grad = writableGradient(param);
    decay.into(grad, grad, param.array, { rate: this.rate });
  }
}
