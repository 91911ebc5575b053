import type { NdArray } from "@chain/array";
import { add, div, elementwise, mul, sqrt, square, sub, type Expr, type KernelRun } from "@chain/array/kernel";
import { GradientMethod } from "./gradient-method.js";
import { exposeHyperparameters } from "./hyperparameter.js";
import { UpdateRule, type RuleState } from "./update-rule.js";

/** Hyperparameters of {@link RMSprop}. */
export type RMSpropHyperparameters = {
  /** Learning rate. Default 0.01. */
  lr: number;
  /** How much of the running average is kept. Default 0.99. */
  alpha: number;
  /** Keeps the divisor from 0. Default 1e-8. */
  eps: number;
  /** Whether `eps` is added before the square root is taken, or after it (the default). */
  epsInsideSqrt: boolean;
};

const scalars = { scalars: ["lr", "alpha", "oneMinusAlpha", "eps"] } as const;

function defineStep(name: string, divisor: (ms: Expr, eps: Expr) => Expr) {
  return elementwise(name, scalars, (p, g, ms, { lr, alpha, oneMinusAlpha, eps }) => {
    const next = add(mul(alpha, ms), mul(oneMinusAlpha, square(g)));
    return [sub(p, div(mul(lr, g), divisor(next, eps))), next];
  });
}

const outside = defineStep("rmsprop", (ms, eps) => add(sqrt(ms), eps));
const inside = defineStep("rmsprop_eps_inside_sqrt", (ms, eps) => sqrt(add(ms, eps)));

/** Update rule of {@link RMSprop}. */
export class RMSpropRule extends UpdateRule<RMSpropHyperparameters, "ms"> {
  protected override readonly stateNames = ["ms"] as const;

  protected override updateCore(param: NdArray, grad: NdArray, { ms }: RuleState<"ms">): KernelRun {
    const { lr, alpha, eps, epsInsideSqrt } = this.hyperparam;
    const step = epsInsideSqrt ? inside : outside;
    return step.prepare([param, ms], param, grad, ms, { lr, alpha, oneMinusAlpha: 1 - alpha, eps });
  }
}

/** RMSprop (Chainer's `RMSprop`; Tieleman and Hinton 2012): `ms = alpha · ms + (1 - alpha) g²; p -= lr · g / (√ms + eps)`. */
export class RMSprop extends GradientMethod<RMSpropHyperparameters> {
  declare lr: number;
  declare alpha: number;
  declare eps: number;
  declare epsInsideSqrt: boolean;

  static {
    exposeHyperparameters(this, ["lr", "alpha", "eps", "epsInsideSqrt"]);
  }

  constructor(options: Partial<RMSpropHyperparameters> = {}) {
    super({ lr: 0.01, alpha: 0.99, eps: 1e-8, epsInsideSqrt: false, ...options });
  }

  override createUpdateRule(): RMSpropRule {
    return new RMSpropRule(this.hyperparam);
  }
}
