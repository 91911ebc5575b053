import type { Variable, VariableLike } from "@chain/autograd";
import { GRUBase } from "./gru-base.js";
import { firstOutput } from "./gru-cell.js";
import { isSequence, project, type ElementOrSequence } from "./sequence.js";
import { givenState } from "./state.js";

/**
 * Gated recurrent units that remember their last output (Chainer's `StatefulGRU`); see `StatelessGRU` for what they
 * compute, `LSTM` for runs on lists of elements. In the first run, without a last output, everything that would be made of it is left out, biases too.
 */
export class StatefulGRU extends GRUBase {
  /** Last output, shape (batch, outSize); null before the first run. */
  h: Variable | null = null;

  /** Forgets the last output: a new sequence begins. */
  resetState(): void {
    this.h = null;
  }

  /** Puts another output in the place of the last one; shape (batch, outSize). */
  setState(h: VariableLike): void {
    this.h = givenState(this.constructor.name, "h", h, this.stateSize);
  }

  /** `x` has shape (batch, inSize), the result (batch, outSize); for a list of elements by time, a list of results. */
  override forward(x: VariableLike): Variable;
  override forward(xs: readonly VariableLike[]): Variable[];
  override forward(x: ElementOrSequence): Variable | Variable[] {
    if (isSequence(x)) return project([this.W_r, this.W_z, this.W], x).map((parts) => this.step(...parts));
    const { h } = this;
    const reset = h === null ? null : this.W_r.forward(x);
    return this.step(reset, this.W_z.forward(x), this.W.forward(x));
  }

  /** The output, from what the input gives the gates and the candidate. */
  private step(reset: Variable | null, update: Variable, candidate: Variable): Variable {
    const { h } = this;
    this.h = h === null || reset === null ? firstOutput(update, candidate)[0] : this.next(h, reset, update, candidate);
    return this.h;
  }
}

/** Chainer's other name for {@link StatefulGRU}. */
export class GRU extends StatefulGRU {}
