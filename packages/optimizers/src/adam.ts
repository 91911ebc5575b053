import { ValueError, type NdArray } from "@chain/array";
import type { KernelRun } from "@chain/array/kernel";
import { adabound, adam, amsbound, amsgrad } from "./adam-kernels.js";
import { GradientMethod } from "./gradient-method.js";
import { exposeHyperparameters, type Hyperparameter } from "./hyperparameter.js";
import { UpdateRule, type RuleState } from "./update-rule.js";

/** Hyperparameters of {@link Adam} and its variants. */
export type AdamHyperparameters = {
  /** Step size. Default 0.001. */
  alpha: number;
  /** How much of the running average of gradients is kept. Default 0.9. */
  beta1: number;
  /** How much of the running average of squared gradients is kept. Default 0.999. */
  beta2: number;
  /** Keeps the divisor from 0. Default 1e-8. */
  eps: number;
  /** Factor of the whole step, weight decay included, for warm restarts. Default 1. */
  eta: number;
  /** Weight decay, apart from the gradient (AdamW). Default 0. */
  weightDecayRate: number;
  /** Divides by the largest average of squared gradients so far (AMSGrad). Default false. */
  amsgrad: boolean;
  /** Keeps rates between bounds that draw together (AdaBound). Default false. */
  adabound: boolean;
  /** Where those bounds meet: the final learning rate, for the first `alpha`. Default 0.1. */
  finalLr: number;
  /** How fast they meet. Default 0.001. */
  gamma: number;
};

const defaults: AdamHyperparameters = {
  alpha: 0.001,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  eta: 1,
  weightDecayRate: 0,
  amsgrad: false,
  adabound: false,
  finalLr: 0.1,
  gamma: 0.001,
};

const names = Object.keys(defaults);

/** The step size with the correction for averages that began at zero; computed in float64. */
function correctedStep({ alpha, beta1, beta2 }: AdamHyperparameters, t: number): number {
  return (alpha * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
}

type State = "m" | "v" | "vhat";

/** Update rule of {@link Adam} and its variants: averages of gradients and squared gradients, and the largest of those. */
export class AdamRule extends UpdateRule<AdamHyperparameters, State> {
  private readonly initialAlpha: number;

  constructor(parent: Hyperparameter<AdamHyperparameters>) {
    super(parent);
    this.initialAlpha = this.hyperparam.alpha;
  }

  protected override get stateNames(): readonly State[] {
    return this.hyperparam.amsgrad ? ["m", "v", "vhat"] : ["m", "v"];
  }

  /** The step size of the next or last update, with the correction for averages that began at zero. */
  get alphaT(): number {
    return correctedStep(this.hyperparam, this.t);
  }

  /** Bounds of the rate in the last update, of AdaBound. */
  get bounds(): { readonly lower: number; readonly upper: number } {
    if (this.t === 0) throw new ValueError("AdaBound has no bounds before its first update");
    const { finalLr, alpha, gamma } = this.hyperparam;
    const final = (finalLr * alpha) / this.initialAlpha;
    return { lower: final * (1 - 1 / (gamma * this.t + 1)), upper: final * (1 + 1 / (gamma * this.t)) };
  }

  protected override updateCore(param: NdArray, grad: NdArray, state: RuleState<State>): KernelRun {
    const { m, v } = state;
    const h = this.hyperparam;
    const scalars = {
      alphaT: this.alphaT,
      oneMinusBeta1: 1 - h.beta1,
      oneMinusBeta2: 1 - h.beta2,
      eps: h.eps,
      eta: h.eta,
      decay: h.weightDecayRate,
    };
    if (h.amsgrad) {
      const { vhat } = state;
      if (h.adabound)
        return amsbound.prepare([param, m, v, vhat], param, grad, m, v, vhat, { ...scalars, ...this.bounds });
      return amsgrad.prepare([param, m, v, vhat], param, grad, m, v, vhat, scalars);
    } else if (h.adabound) {
      return adabound.prepare([param, m, v], param, grad, m, v, { ...scalars, ...this.bounds });
    } else {
      return adam.prepare([param, m, v], param, grad, m, v, scalars);
    }
  }
}

/** Adam (Chainer's `Adam`; Kingma and Ba 2015), and, by its options, AdamW, AMSGrad and AdaBound. */
export class Adam extends GradientMethod<AdamHyperparameters> {
  declare alpha: number;
  declare beta1: number;
  declare beta2: number;
  declare eps: number;
  declare eta: number;
  declare weightDecayRate: number;
  declare amsgrad: boolean;
  declare adabound: boolean;
  declare finalLr: number;
  declare gamma: number;

  static {
    exposeHyperparameters(this, names);
  }

  constructor(options: Partial<AdamHyperparameters> = {}) {
    super({ ...defaults, ...options });
  }

  /** The step size with the correction for averages that began at zero, after `t` updates. */
  get alphaT(): number {
    return correctedStep(this.hyperparam, this.t);
  }

  /** As {@link alphaT}; Chainer's older name. */
  get lr(): number {
    return this.alphaT;
  }

  override createUpdateRule(): AdamRule {
    return new AdamRule(this.hyperparam);
  }
}

/** Options of Adam's variants: those of {@link Adam} without the switches. */
export type AdamVariantOptions = Partial<Omit<AdamHyperparameters, "amsgrad" | "adabound">>;

/**
 * Adam with decoupled weight decay (Chainer's `AdamW`; Loshchilov and Hutter 2019). As in Chainer, `weightDecayRate` is 0
 * unless given.
 */
export class AdamW extends Adam {
  constructor(options: AdamVariantOptions = {}) {
    super(options);
  }
}

/** AMSGrad (Chainer's `AMSGrad`; Reddi et al. 2018). */
export class AMSGrad extends Adam {
  constructor(options: AdamVariantOptions = {}) {
    super({ ...options, amsgrad: true });
  }
}

/** AdaBound (Chainer's `AdaBound`; Luo et al. 2019). */
export class AdaBound extends Adam {
  constructor(options: AdamVariantOptions = {}) {
    super({ ...options, adabound: true });
  }
}

/** AMSBound (Chainer's `AMSBound`; Luo et al. 2019). */
export class AMSBound extends Adam {
  constructor(options: AdamVariantOptions = {}) {
    super({ ...options, amsgrad: true, adabound: true });
  }
}
