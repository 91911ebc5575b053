import { InvalidType } from "@chain/array";
import type { Variable, VariableLike } from "@chain/autograd";
import { add, concat, lstm, splitAxis } from "@chain/autograd/functions";
import { LSTMBase } from "./lstm-base.js";
import { isSequence, project, type ElementOrSequence } from "./sequence.js";
import { givenState, zeroState } from "./state.js";

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
export class LSTM extends LSTMBase {
  /** State of the cells, shape (batch, outSize); null before the first run. */
  c: Variable | null = null;
  /** Last output, of the shape of `c`. */
  h: Variable | null = null;

  /** Forgets the state: a new sequence begins. */
  resetState(): void {
    this.c = null;
    this.h = null;
  }

  /** Puts another state in the place of the present one; both of shape (batch, outSize). */
  setState(c: VariableLike, h: VariableLike): void {
    const [cells, output] = [givenState("LSTM", "c", c, this.stateSize), givenState("LSTM", "h", h, this.stateSize)];
    this.c = cells;
    this.h = output;
  }

  /**
   * `x` has shape (batch, inSize), the result (batch, outSize); for a list of elements by time, a list of results.
   *
   * @throws InvalidType if a batch is larger than the state.
   */
  override forward(x: VariableLike): Variable;
  override forward(xs: readonly VariableLike[]): Variable[];
  override forward(x: ElementOrSequence): Variable | Variable[] {
    if (isSequence(x)) return project([this.upward], x).map(([gates]) => this.step(gates));
    return this.step(this.upward.forward(x));
  }

  /** The output, from what the input gives the gates. */
  private step(upward: Variable): Variable {
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
