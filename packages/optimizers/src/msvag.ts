import type { NdArray } from "@chain/array";
import {
  add,
  div,
  elementwise,
  eq,
  logicalAnd,
  max,
  min,
  mul,
  square,
  sub,
  where,
  type KernelRun,
} from "@chain/array/kernel";
import { GradientMethod } from "./gradient-method.js";
import { exposeHyperparameters } from "./hyperparameter.js";
import { UpdateRule, type RuleState } from "./update-rule.js";

/** Hyperparameters of {@link MSVAG}. */
export type MSVAGHyperparameters = {
  /** Learning rate. Default 0.1. */
  lr: number;
  /** How much of the running averages is kept. Default 0.9. */
  beta: number;
  /** Factor of the whole step, for warm restarts. Default 1. */
  eta: number;
  /** Weight decay, apart from the gradient. Default 0. */
  weightDecayRate: number;
};

const step = elementwise(
  "msvag",
  { scalars: ["lr", "oneMinusBeta", "eta", "decay", "correction", "rho"] },
  (p, g, m, v, { lr, oneMinusBeta, eta, decay, correction, rho }) => {
    const nextM = add(m, mul(oneMinusBeta, sub(g, m)));
    const nextV = add(v, mul(oneMinusBeta, sub(square(g), v)));
    const mean = div(nextM, correction);
    const square1 = square(mean);
    const variance = div(sub(div(nextV, correction), square1), sub(1, rho));
    const nothing = logicalAnd(eq(nextM, 0), eq(nextV, 0));
    const factor = where(nothing, 0, min(1, max(0, div(square1, add(square1, mul(rho, variance))))));
    const change = add(mul(mul(lr, mean), factor), mul(decay, p));
    return [sub(p, mul(eta, change)), nextM, nextV];
  },
);

/** Update rule of {@link MSVAG}: running averages of gradients and squared gradients. */
export class MSVAGRule extends UpdateRule<MSVAGHyperparameters, "m" | "v"> {
  protected override readonly stateNames = ["m", "v"] as const;

  protected override updateCore(param: NdArray, grad: NdArray, { m, v }: RuleState<"m" | "v">): KernelRun {
    const { lr, beta, eta, weightDecayRate } = this.hyperparam;
    const power = beta ** this.t;
    const rho = ((1 - beta) ** 2 * (1 - power ** 2)) / ((1 - power) ** 2 * (1 - beta ** 2));
    return step.prepare([param, m, v], param, grad, m, v, {
      lr,
      oneMinusBeta: 1 - beta,
      eta,
      decay: weightDecayRate,
      correction: 1 - power,
      rho: Math.min(rho, 0.9999),
    });
  }
}

/**
 * M-SVAG: momentum whose steps are shorter where gradients vary more (Chainer's `MSVAG`; Balles and Hennig 2018), with
 * decoupled weight decay.
 */
export class MSVAG extends GradientMethod<MSVAGHyperparameters> {
  declare lr: number;
  declare beta: number;
  declare eta: number;
  declare weightDecayRate: number;

  static {
    exposeHyperparameters(this, ["lr", "beta", "eta", "weightDecayRate"]);
  }

  constructor(options: Partial<MSVAGHyperparameters> = {}) {
    super({ lr: 0.1, beta: 0.9, eta: 1, weightDecayRate: 0, ...options });
  }

  override createUpdateRule(): MSVAGRule {
    return new MSVAGRule(this.hyperparam);
  }
}
