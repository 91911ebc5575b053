import type { Variable, VariableLike } from "@chain/autograd";
import { Chain } from "../chain.js";
import type { Linear } from "../connection/linear.js";
import type { LSTMGates } from "./lstm-gates.js";
import { isSequence, project, type ElementOrSequence } from "./sequence.js";
import { givenState } from "./state.js";

/** Units with cells that remember their state from run to run; a subclass says how the next one comes about. */
export abstract class StatefulLSTMBase extends Chain implements LSTMGates {
  readonly upward: Linear;
  readonly lateral: Linear;
  readonly stateSize: number;
  /** State of the cells, shape (batch, outSize); null before the first run. */
  c: Variable | null = null;
  /** Last output, of the shape of `c`. */
  h: Variable | null = null;

  constructor({ upward, lateral, stateSize }: LSTMGates) {
    super();
    this.stateSize = stateSize;
    this.upward = upward;
    this.lateral = lateral;
  }

  /** The output and with it the next state, from what the input gives the gates. */
  protected abstract step(upward: Variable): Variable;

  /** Forgets the state: a new sequence begins. */
  resetState(): void {
    this.c = null;
    this.h = null;
  }

  /** Puts another state in the place of the present one; both of shape (batch, outSize). */
  setState(c: VariableLike, h: VariableLike): void {
    const { name } = this.constructor;
    const [cells, last] = [givenState(name, "c", c, this.stateSize), givenState(name, "h", h, this.stateSize)];
    this.c = cells;
    this.h = last;
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
}
