import type { Variable, VariableLike } from "@chain/autograd";
import { add } from "@chain/autograd/functions";
import { Chain } from "../chain.js";
import { Linear } from "../connection/linear.js";
import type { InitializerLike } from "../initializers/initializer.js";
import { nextOutput, resetOutput } from "./gru-cell.js";

/** Options of the GRU links. */
export interface GRUOptions {
  /** First weights from the input; `LeCunNormal` by default. */
  readonly init?: InitializerLike | null;
  /** First weights from the units to themselves; `LeCunNormal` by default. */
  readonly innerInit?: InitializerLike | null;
  /** First biases; 0 by default. */
  readonly biasInit?: InitializerLike | null;
}

/** Parameters of gated recurrent units, named as in Chainer: `W` for the input, `U` for the last output. */
export class GRUBase extends Chain {
  readonly W_r: Linear;
  readonly U_r: Linear;
  readonly W_z: Linear;
  readonly U_z: Linear;
  readonly W: Linear;
  readonly U: Linear;
  /** Number of units. */
  readonly stateSize: number;

  /** With `inSize` null, it is taken from the first input. */
  constructor(inSize: number | null, outSize: number, options: GRUOptions = {}) {
    super();
    const { init = null, innerInit = null, biasInit = null } = options;
    const upward = (): Linear => new Linear(inSize, outSize, { initialW: init, initialBias: biasInit });
    const lateral = (): Linear => new Linear(outSize, outSize, { initialW: innerInit, initialBias: biasInit });
    this.stateSize = outSize;
    this.W_r = upward();
    this.U_r = lateral();
    this.W_z = upward();
    this.U_z = lateral();
    this.W = upward();
    this.U = lateral();
  }

  /** The next output, from what the input gives the gates and the candidate. */
  protected next(h: VariableLike, reset: Variable, update: Variable, candidate: Variable): Variable {
    const [kept] = resetOutput(add(reset, this.U_r.forward(h)), h);
    return nextOutput(add(update, this.U_z.forward(h)), add(candidate, this.U.forward(kept)), h)[0];
  }
}
