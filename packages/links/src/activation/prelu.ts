import type { Shape } from "@chain/array";
import { Parameter, type Variable, type VariableLike } from "@chain/autograd";
import { prelu } from "@chain/autograd/functions";
import { getInitializer } from "../initializers/get-initializer.js";
import type { InitializerLike } from "../initializers/initializer.js";
import { Link } from "../link.js";

/** ReLU whose slope below zero, `W`, is learnt (Chainer's `PReLU`; He et al. 2015). */
export class PReLU extends Link {
  readonly W: Parameter;

  /** `shape` is that of the slopes: one for all by default. `init` is the first slope, 0.25 by default. */
  constructor(shape: Shape | number = [], options: { readonly init?: InitializerLike } = {}) {
    super();
    this.W = new Parameter(getInitializer(options.init ?? 0.25), { shape, name: "W" });
  }

  /** `x`'s axes after the first begin with `W`'s. */
  override forward(x: VariableLike): Variable {
    return prelu(x, this.W);
  }
}
