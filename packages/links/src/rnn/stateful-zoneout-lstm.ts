import type { Variable } from "@chain/autograd";
import { add, lstm, zoneout } from "@chain/autograd/functions";
import { plainGates } from "./lstm-gates.js";
import { zeroState } from "./state.js";
import { StatefulLSTMBase } from "./stateful-lstm-base.js";

/** Options of {@link StatefulZoneoutLSTM}. */
export interface StatefulZoneoutLSTMOptions {
  /** The probability with which a cell keeps its state in training, 0.5 by default. */
  readonly cRatio?: number;
  /** The probability with which a unit keeps its last output in training, 0.5 by default. */
  readonly hRatio?: number;
}

/**
 * Long short-term memory units some of which, at random, keep their state and output in training (Chainer's
 * `StatefulZoneoutLSTM`; Krueger et al., "Zoneout: Regularizing RNNs by Randomly Preserving Hidden Activations", 2016).
 * Gates lie side by side as in `LSTM`, which see for states; the first biases are all 0.
 */
export class StatefulZoneoutLSTM extends StatefulLSTMBase {
  readonly cRatio: number;
  readonly hRatio: number;

  /** With `inSize` null, it is taken from the first input. */
  constructor(inSize: number | null, outSize: number, options: StatefulZoneoutLSTMOptions = {}) {
    super(plainGates(inSize, outSize));
    const { cRatio = 0.5, hRatio = 0.5 } = options;
    this.cRatio = cRatio;
    this.hRatio = hRatio;
  }

  protected override step(upward: Variable): Variable {
    const gates = this.h === null ? upward : add(upward, this.lateral.forward(this.h));
    const zeros = (): Variable => zeroState(gates, gates.shape[0] as number, this.stateSize);
    const [lastC, lastH] = [this.c ?? zeros(), this.h ?? zeros()];
    const [c, h] = lstm(lastC, gates);
    this.c = zoneout(lastC, c, { ratio: this.cRatio });
    this.h = zoneout(lastH, h, { ratio: this.hRatio });
    return this.h;
  }
}
