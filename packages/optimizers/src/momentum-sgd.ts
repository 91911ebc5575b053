import type { NdArray } from "@chain/array";
import { add, elementwise, mul, sub, type KernelRun } from "@chain/array/kernel";
import { GradientMethod } from "./gradient-method.js";
import { exposeHyperparameters } from "./hyperparameter.js";
import { UpdateRule, type RuleState } from "./update-rule.js";

/** Hyperparameters of the optimizers with momentum. */
export type MomentumHyperparameters = {
  /** Learning rate. Default 0.01. */
  lr: number;
  /** How much of the last step is taken again. Default 0.9. */
  momentum: number;
};

const scalars = { scalars: ["lr", "momentum"] } as const;

const momentumStep = elementwise("momentum_sgd", scalars, (p, g, v, { lr, momentum }) => {
  const next = sub(mul(momentum, v), mul(lr, g));
  return [add(p, next), next];
});

const correctedStep = elementwise("corrected_momentum_sgd", scalars, (p, g, v, { lr, momentum }) => {
  const next = sub(mul(momentum, v), g);
  return [add(p, mul(lr, next)), next];
});

const nesterovStep = elementwise("nesterov_ag", scalars, (p, g, v, { lr, momentum }) => {
  const step = mul(lr, g);
  const next = sub(mul(momentum, v), step);
  return [add(p, sub(mul(mul(momentum, momentum), next), mul(add(1, momentum), step))), next];
});

abstract class MomentumRule extends UpdateRule<MomentumHyperparameters, "v"> {
  protected override readonly stateNames = ["v"] as const;
  protected abstract readonly step: typeof momentumStep;

  protected override updateCore(param: NdArray, grad: NdArray, { v }: RuleState<"v">): KernelRun {
    const { lr, momentum } = this.hyperparam;
    return this.step.prepare([param, v], param, grad, v, { lr, momentum });
  }
}

/** Update rule of {@link MomentumSGD}. */
export class MomentumSGDRule extends MomentumRule {
  protected override readonly step = momentumStep;
}

/** Update rule of {@link CorrectedMomentumSGD}. */
export class CorrectedMomentumSGDRule extends MomentumRule {
  protected override readonly step = correctedStep;
}

/** Update rule of {@link NesterovAG}. */
export class NesterovAGRule extends MomentumRule {
  protected override readonly step = nesterovStep;
}

abstract class MomentumMethod extends GradientMethod<MomentumHyperparameters> {
  declare lr: number;
  declare momentum: number;

  static {
    exposeHyperparameters(this, ["lr", "momentum"]);
  }

  constructor(options: Partial<MomentumHyperparameters> = {}) {
    super({ lr: 0.01, momentum: 0.9, ...options });
  }
}

/** Momentum SGD: `v = momentum · v - lr · g; p += v` (Chainer's `MomentumSGD`). */
export class MomentumSGD extends MomentumMethod {
  override createUpdateRule(): MomentumSGDRule {
    return new MomentumSGDRule(this.hyperparam);
  }
}

/**
 * Momentum SGD whose velocity is free of the learning rate, so that changing that takes effect at once (Chainer's
 * `CorrectedMomentumSGD`; Goyal et al. 2017): `v = momentum · v - g; p += lr · v`.
 */
export class CorrectedMomentumSGD extends MomentumMethod {
  override createUpdateRule(): CorrectedMomentumSGDRule {
    return new CorrectedMomentumSGDRule(this.hyperparam);
  }
}

/**
 * Nesterov's accelerated gradient, as Chainer's `NesterovAG` computes it (after Bengio et al. 2012):
 * `v = momentum · v - lr · g; p += momentum² · v - (1 + momentum) · lr · g`.
 */
export class NesterovAG extends MomentumMethod {
  override createUpdateRule(): NesterovAGRule {
    return new NesterovAGRule(this.hyperparam);
  }
}
