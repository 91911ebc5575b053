import type { NdArray } from "@chain/array";
import { add, div, elementwise, mul, sqrt, square, sub, type KernelRun } from "@chain/array/kernel";
import { GradientMethod } from "./gradient-method.js";
import { exposeHyperparameters } from "./hyperparameter.js";
import { UpdateRule, type RuleState } from "./update-rule.js";

/** Hyperparameters of {@link RMSpropGraves}. */
export type RMSpropGravesHyperparameters = {
  /** Learning rate. Default 1e-4. */
  lr: number;
  /** How much of the running averages is kept. Default 0.95. */
  alpha: number;
  /** How much of the last step is taken again. Default 0.9. */
  momentum: number;
  /** Keeps the divisor from 0. Default 1e-4. */
  eps: number;
};

const step = elementwise(
  "rmsprop_graves",
  { scalars: ["lr", "alpha", "oneMinusAlpha", "momentum", "eps"] },
  (p, grad, n, g, delta, { lr, alpha, oneMinusAlpha, momentum, eps }) => {
    const nextN = add(mul(alpha, n), mul(oneMinusAlpha, square(grad)));
    const nextG = add(mul(alpha, g), mul(oneMinusAlpha, grad));
    const deviation = sqrt(add(sub(nextN, square(nextG)), eps));
    const nextDelta = sub(mul(momentum, delta), div(mul(lr, grad), deviation));
    return [add(p, nextDelta), nextN, nextG, nextDelta];
  },
);

type State = "n" | "g" | "delta";

/** Update rule of {@link RMSpropGraves}: running averages of squared gradients (`n`) and gradients (`g`), the last step. */
export class RMSpropGravesRule extends UpdateRule<RMSpropGravesHyperparameters, State> {
  protected override readonly stateNames = ["n", "g", "delta"] as const;

  protected override updateCore(param: NdArray, grad: NdArray, { n, g, delta }: RuleState<State>): KernelRun {
    const { lr, alpha, momentum, eps } = this.hyperparam;
    return step.prepare([param, n, g, delta], param, grad, n, g, delta, {
      lr,
      alpha,
      oneMinusAlpha: 1 - alpha,
      momentum,
      eps,
    });
  }
}

/** Graves's RMSprop, which divides by the deviation of gradients (Chainer's `RMSpropGraves`; Graves 2013). */
export class RMSpropGraves extends GradientMethod<RMSpropGravesHyperparameters> {
  declare lr: number;
  declare alpha: number;
  declare momentum: number;
  declare eps: number;

  static {
    exposeHyperparameters(this, ["lr", "alpha", "momentum", "eps"]);
  }

  constructor(options: Partial<RMSpropGravesHyperparameters> = {}) {
    super({ lr: 1e-4, alpha: 0.95, momentum: 0.9, eps: 1e-4, ...options });
  }

  override createUpdateRule(): RMSpropGravesRule {
    return new RMSpropGravesRule(this.hyperparam);
  }
}
