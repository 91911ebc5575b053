import type { Variable, VariableLike } from "@chain/autograd";
import { add, mul, relu, sigmoid, sub } from "@chain/autograd/functions";
import { Chain } from "../chain.js";
import type { InitializerLike } from "../initializers/initializer.js";
import { Linear } from "./linear.js";

/** Options of {@link Highway}. */
export interface HighwayOptions {
  readonly nobias?: boolean;
  /** What is applied to the plain layer; `relu` by default. */
  readonly activate?: (x: Variable) => Variable;
  readonly initWh?: InitializerLike | null;
  readonly initWt?: InitializerLike | null;
  readonly initBh?: InitializerLike | null;
  /** First bias of the gate; -1 by default, so that at first most passes through unchanged. */
  readonly initBt?: InitializerLike | null;
}

/**
 * A layer `h` with a gate `t` that decides how much of it there is: `y = h(x) · t(x) + x · (1 - t(x))` (Chainer's
 * `Highway`; Srivastava et al. 2015).
 */
export class Highway extends Chain {
  readonly plain: Linear;
  readonly transform: Linear;
  readonly activate: (x: Variable) => Variable;

  constructor(inOutSize: number, options: HighwayOptions = {}) {
    super();
    const { nobias = false, activate = relu, initWh, initWt, initBh, initBt = -1 } = options;
    this.activate = activate;
    this.plain = new Linear(inOutSize, inOutSize, { nobias, initialW: initWh, initialBias: initBh });
    this.transform = new Linear(inOutSize, inOutSize, { nobias, initialW: initWt, initialBias: initBt });
  }

  /** `x` and the result have shape (batch, inOutSize). */
  override forward(x: VariableLike): Variable {
    const plain = this.activate(this.plain.forward(x));
    const gate = sigmoid(this.transform.forward(x));
    return add(mul(plain, gate), mul(x, sub(1, gate)));
  }
}
