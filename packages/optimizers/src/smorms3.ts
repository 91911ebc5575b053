import { onesLike, zerosLike, type NdArray } from "@chain/array";
import { add, div, elementwise, min, mul, sqrt, square, sub, type KernelRun } from "@chain/array/kernel";
import { GradientMethod } from "./gradient-method.js";
import { exposeHyperparameters } from "./hyperparameter.js";
import { UpdateRule, type RuleState } from "./update-rule.js";

/** Hyperparameters of {@link SMORMS3}. */
export type SMORMS3Hyperparameters = {
  /** Upper bound of the learning rate. Default 0.001. */
  lr: number;
  /** Keeps divisors from 0. Default 1e-16. */
  eps: number;
};

const step = elementwise("smorms3", { scalars: ["lr", "eps"] }, (p, grad, mem, g, g2, { lr, eps }) => {
  const r = div(1, add(mem, 1));
  const kept = sub(1, r);
  const nextG = add(mul(kept, g), mul(r, grad));
  const nextG2 = add(mul(kept, g2), mul(r, square(grad)));
  const x = div(square(nextG), add(nextG2, eps));
  const nextP = sub(p, div(mul(grad, min(x, lr)), add(sqrt(nextG2), eps)));
  return [nextP, add(1, mul(mem, sub(1, x))), nextG, nextG2];
});

type State = "mem" | "g" | "g2";

/** Update rule of {@link SMORMS3}: memory length, and running averages of gradients and squared gradients. */
export class SMORMS3Rule extends UpdateRule<SMORMS3Hyperparameters, State> {
  protected override readonly stateNames = ["mem", "g", "g2"] as const;

  protected override initialState(name: State, param: NdArray): NdArray {
    return name === "mem" ? onesLike(param) : zerosLike(param);
  }

  protected override updateCore(param: NdArray, grad: NdArray, { mem, g, g2 }: RuleState<State>): KernelRun {
    const { lr, eps } = this.hyperparam;
    return step.prepare([param, mem, g, g2], param, grad, mem, g, g2, { lr, eps });
  }
}

/** Simon Funk's SMORMS3, "squared mean over root mean squared cubed" (Chainer's `SMORMS3`). */
export class SMORMS3 extends GradientMethod<SMORMS3Hyperparameters> {
  declare lr: number;
  declare eps: number;

  static {
    exposeHyperparameters(this, ["lr", "eps"]);
  }

  constructor(options: Partial<SMORMS3Hyperparameters> = {}) {
    super({ lr: 0.001, eps: 1e-16, ...options });
  }

  override createUpdateRule(): SMORMS3Rule {
    return new SMORMS3Rule(this.hyperparam);
  }
}
