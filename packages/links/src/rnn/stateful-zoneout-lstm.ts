import type { Variable, VariableLike } from "@chain/autograd";
import { add, lstm, zoneout } from "@chain/autograd/functions";
import { Chain } from "../chain.js";
import { Linear } from "../connection/linear.js";
import { isSequence, project, type ElementOrSequence } from "./sequence.js";
import { givenState, zeroState } from "./state.js";

/** Options of {@link StatefulZoneoutLSTM}. */
export interface StatefulZoneoutLSTMOptions {
  /** The probability with which a cell keeps its state in training, 0.5 by default. */
  readonly cRatio?: number;
  /** The probability with which a unit keeps its last output in training, 0.5 by default. */
  readonly hRatio?: number;
}

/**
 * Long short-term memory units some of which, at random, keep their state and output in training (Chainer's `StatefulZoneoutLSTM`; Krueger et al., "Zoneout: Regularizing RNNs by Randomly
 * Preserving Hidden Activations", 2016). Gates lie side by side as in `LSTM`, which see for states; the first biases are
 * all 0.
 */
export class StatefulZoneoutLSTM extends Chain {
  readonly upward: Linear;
  readonly lateral: Linear;
  /** Number of units. */
  readonly stateSize: number;
  readonly cRatio: number;
  readonly hRatio: number;
  /** State of the cells, shape (batch, outSize); null before the first run. */
  c: Variable | null = null;
  /** Last output, of the shape of `c`. */
  h: Variable | null = null;

  /** With `inSize` null, it is taken from the first input. */
  constructor(inSize: number | null, outSize: number, options: StatefulZoneoutLSTMOptions = {}) {
    super();
    const { cRatio = 0.5, hRatio = 0.5 } = options;
    this.stateSize = outSize;
    this.cRatio = cRatio;
    this.hRatio = hRatio;
    this.upward = new Linear(inSize, 4 * outSize);
    this.lateral = new Linear(outSize, 4 * outSize, { nobias: true });
  }

  /** Forgets the state: a new sequence begins. */
  resetState(): void {
    this.c = null;
    this.h = null;
  }

  /** Puts another state in the place of the present one; both of shape (batch, outSize). */
  setState(c: VariableLike, h: VariableLike): void {
    const name = "StatefulZoneoutLSTM";
    const [cells, last] = [givenState(name, "c", c, this.stateSize), givenState(name, "h", h, this.stateSize)];
    this.c = cells;
    this.h = last;
  }

  /** `x` has shape (batch, inSize), the result (batch, outSize); for a list of elements by time, a list of results. */
  override forward(x: VariableLike): Variable;
  override forward(xs: readonly VariableLike[]): Variable[];
  override forward(x: ElementOrSequence): Variable | Variable[] {
    if (isSequence(x)) return project([this.upward], x).map(([gates]) => this.step(gates));
    return this.step(this.upward.forward(x));
  }

  /** The output, from what the input gives the gates. */
  private step(upward: Variable): Variable {
    const gates = this.h === null ? upward : add(upward, this.lateral.forward(this.h));
    const zeros = (): Variable => zeroState(gates, gates.shape[0] as number, this.stateSize);
    const [lastC, lastH] = [this.c ?? zeros(), this.h ?? zeros()];
    const [c, h] = lstm(lastC, gates);
    this.c = zoneout(lastC, c, { ratio: this.cRatio });
    this.h = zoneout(lastH, h, { ratio: this.hRatio });
    return this.h;
  }
}
