import type { Shape } from "@chain/array";
import { Parameter, type Variable, type VariableLike } from "@chain/autograd";
import { swish } from "@chain/autograd/functions";
import { getInitializer } from "../initializers/get-initializer.js";
import type { InitializerLike } from "../initializers/initializer.js";
import { Link } from "../link.js";

/** `x · sigmoid(beta · x)`, where `beta` is learnt (Chainer's `Swish`; Ramachandran et al. 2017). */
export class Swish extends Link {
  readonly beta: Parameter;

  /** `betaShape` null takes the shape of the first input without its first axis. `betaInit` is 1 by default. */
  constructor(betaShape: Shape | number | null, options: { readonly betaInit?: InitializerLike } = {}) {
    super();
    this.beta = new Parameter(getInitializer(options.betaInit ?? 1), { shape: betaShape, name: "beta" });
  }

  override forward(x: VariableLike): Variable {
    if (!this.beta.isInitialized) this.beta.initialize(x.shape.slice(1));
    return swish(x, this.beta);
  }
}
