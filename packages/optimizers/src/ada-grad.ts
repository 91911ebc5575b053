import type { NdArray } from "@chain/array";
import { add, div, elementwise, mul, sqrt, square, sub, type KernelRun } from "@chain/array/kernel";
import { GradientMethod } from "./gradient-method.js";
import { exposeHyperparameters } from "./hyperparameter.js";
import { UpdateRule, type RuleState } from "./update-rule.js";

/** Hyperparameters of {@link AdaGrad}. */
export type AdaGradHyperparameters = {
  /** Learning rate. Default 0.001. */
  lr: number;
  /** Keeps the divisor from 0. Default 1e-8. */
  eps: number;
};

const step = elementwise("ada_grad", { scalars: ["lr", "eps"] }, (p, g, h, { lr, eps }) => {
  const next = add(h, square(g));
  return [sub(p, div(mul(lr, g), add(sqrt(next), eps))), next];
});

/** Update rule of {@link AdaGrad}. */
export class AdaGradRule extends UpdateRule<AdaGradHyperparameters, "h"> {
  protected override readonly stateNames = ["h"] as const;

  protected override updateCore(param: NdArray, grad: NdArray, { h }: RuleState<"h">): KernelRun {
    const { lr, eps } = this.hyperparam;
    return step.prepare([param, h], param, grad, h, { lr, eps });
  }
}

/** AdaGrad (Chainer's `AdaGrad`; Duchi et al. 2011): `h += g²; p -= lr · g / (√h + eps)`. */
export class AdaGrad extends GradientMethod<AdaGradHyperparameters> {
  declare lr: number;
  declare eps: number;

  static {
    exposeHyperparameters(this, ["lr", "eps"]);
  }

  constructor(options: Partial<AdaGradHyperparameters> = {}) {
    super({ lr: 0.001, eps: 1e-8, ...options });
  }

  override createUpdateRule(): AdaGradRule {
    return new AdaGradRule(this.hyperparam);
  }
}
