import type { Variable, VariableLike } from "@chain/autograd";
import { add, lstm } from "@chain/autograd/functions";
import { Chain } from "../chain.js";
import type { Linear } from "../connection/linear.js";
import { lstmGates, type LSTMArguments, type LSTMGates } from "./lstm-gates.js";
import { zeroState } from "./state.js";

/**
 * Long short-term memory units that are given their state and return the next one (Chainer's `StatelessLSTM`).
 *
 * With `inSize` null, or left out, it is taken from the first input.
 */
export class StatelessLSTM extends Chain implements LSTMGates {
  readonly upward: Linear;
  readonly lateral: Linear;
  readonly stateSize: number;

  constructor(...args: LSTMArguments) {
    super();
    const { upward, lateral, stateSize } = lstmGates(args);
    this.stateSize = stateSize;
    this.upward = upward;
    this.lateral = lateral;
  }

  /**
   * The next state and the output.
   *
   * @param c - State of the cells, shape (batch, outSize), or null for zeros.
   * @param h - The last output, of the same shape, or null for zeros.
   * @param x - Shape (batch, inSize).
   */
  override forward(c: VariableLike | null, h: VariableLike | null, x: VariableLike): [c: Variable, h: Variable] {
    let gates = this.upward.forward(x);
    if (h !== null) gates = add(gates, this.lateral.forward(h));
    return lstm(c ?? zeroState(gates, x.shape[0] as number, this.stateSize), gates);
  }
}
