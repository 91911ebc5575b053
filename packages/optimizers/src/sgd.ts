import type { NdArray } from "@chain/array";
import { elementwise, mul, sub, type KernelRun } from "@chain/array/kernel";
import { GradientMethod } from "./gradient-method.js";
import { exposeHyperparameters } from "./hyperparameter.js";
import { UpdateRule } from "./update-rule.js";

/** Hyperparameters of {@link SGD}. */
export type SGDHyperparameters = {
  /** Learning rate. Default 0.01. */
  lr: number;
};

const step = elementwise("sgd", { scalars: ["lr"] }, (p, g, { lr }) => sub(p, mul(lr, g)));

/** Update rule of {@link SGD}. */
export class SGDRule extends UpdateRule<SGDHyperparameters, never> {
  protected override readonly stateNames = [];

  protected override updateCore(param: NdArray, grad: NdArray): KernelRun {
    return step.prepare(param, param, grad, { lr: this.hyperparam.lr });
  }
}

/** Stochastic gradient descent: `p -= lr · g` (Chainer's `SGD`). */
export class SGD extends GradientMethod<SGDHyperparameters> {
  declare lr: number;

  static {
    exposeHyperparameters(this, ["lr"]);
  }

  constructor(options: Partial<SGDHyperparameters> = {}) {
    super({ lr: 0.01, ...options });
  }

  override createUpdateRule(): SGDRule {
    return new SGDRule(this.hyperparam);
  }
}
