import type { NdArray } from "@chain/array";
import { add, div, elementwise, mul, sqrt, square, sub, type KernelRun } from "@chain/array/kernel";
import { GradientMethod } from "./gradient-method.js";
import { exposeHyperparameters } from "./hyperparameter.js";
import { UpdateRule, type RuleState } from "./update-rule.js";

/** Hyperparameters of {@link AdaDelta}. */
export type AdaDeltaHyperparameters = {
  /** How much of the running averages is kept. Default 0.95. */
  rho: number;
  /** Keeps the divisor from 0. Default 1e-6. */
  eps: number;
};

const step = elementwise(
  "ada_delta",
  { scalars: ["rho", "oneMinusRho", "eps"] },
  (p, g, msg, msdx, { rho, oneMinusRho, eps }) => {
    const nextMsg = add(mul(rho, msg), mul(oneMinusRho, square(g)));
    const dx = mul(sqrt(div(add(msdx, eps), add(nextMsg, eps))), g);
    return [sub(p, dx), nextMsg, add(mul(rho, msdx), mul(oneMinusRho, square(dx)))];
  },
);

/** Update rule of {@link AdaDelta}: running averages of squared gradients (`msg`) and squared steps (`msdx`). */
export class AdaDeltaRule extends UpdateRule<AdaDeltaHyperparameters, "msg" | "msdx"> {
  protected override readonly stateNames = ["msg", "msdx"] as const;

  protected override updateCore(param: NdArray, grad: NdArray, { msg, msdx }: RuleState<"msg" | "msdx">): KernelRun {
    const { rho, eps } = this.hyperparam;
    return step.prepare([param, msg, msdx], param, grad, msg, msdx, { rho, oneMinusRho: 1 - rho, eps });
  }
}

/** AdaDelta, which has no learning rate (Chainer's `AdaDelta`; Zeiler 2012). */
export class AdaDelta extends GradientMethod<AdaDeltaHyperparameters> {
  declare rho: number;
  declare eps: number;

  static {
    exposeHyperparameters(this, ["rho", "eps"]);
  }

  constructor(options: Partial<AdaDeltaHyperparameters> = {}) {
    super({ rho: 0.95, eps: 1e-6, ...options });
  }

  override createUpdateRule(): AdaDeltaRule {
    return new AdaDeltaRule(this.hyperparam);
  }
}
