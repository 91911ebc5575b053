import { InvalidType } from "@chain/array";
import type { Variable } from "@chain/autograd";
import { add, concat, lstm, splitAxis } from "@chain/autograd/functions";
import { lstmGates, type LSTMArguments } from "./lstm-gates.js";
import { zeroState } from "./state.js";
import { StatefulLSTMBase } from "./stateful-lstm-base.js";

/**
 * Long short-term memory units that remember their state from run to run (Chainer's `LSTM`): every run takes one element
 * of a sequence, a batch of them at a time, or a list of such elements, one after the other. A list is faster: what does
 * not depend on the state is computed for all of it at once.
 *
 * With `inSize` null, or left out (`new LSTM(10)`), it is taken from the first input.
 *
 * Sequences of different lengths go in one batch if they are sorted by length, longest first: later runs may be given
 * fewer rows than earlier ones, and the state of the others stays as it is.
 *
 * The graph grows with every run. Truncated backpropagation through time cuts it with `loss.unchainBackward()`.
 */
export class LSTM extends StatefulLSTMBase {
  constructor(...args: LSTMArguments) {
    super(lstmGates(args));
  }

  protected override step(upward: Variable): Variable {
    const batch = upward.shape[0] as number;
    const { h } = this;
    const rows = h === null ? batch : (h.shape[0] as number);
    if (batch > rows) {
      throw InvalidType.of("LSTM", `at most ${rows} rows, as the state has (or resetState() before)`, `${batch}`);
    }
    let gates = upward;
    let rest: Variable | null = null;
    if (h !== null && rows === batch) {
      gates = add(upward, this.lateral.forward(h));
    } else if (h !== null) {
      const [active, inactive] = splitAxis(h, [batch], 0) as [Variable, Variable];
      gates = add(upward, this.lateral.forward(active));
      rest = inactive;
    }
    const [c, y] = lstm(this.c ?? zeroState(gates, batch, this.stateSize), gates);
    this.c = c;
    this.h = rest === null ? y : concat([y, rest], { axis: 0 });
    return y;
  }
}
