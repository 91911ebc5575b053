import type { Variable, VariableLike } from "@chain/autograd";
import { GRUBase } from "./gru-base.js";
import { firstOutput } from "./gru-cell.js";
import { givenState } from "./state.js";

/**
 * Gated recurrent units that remember their last output (Chainer's `StatefulGRU`); see `StatelessGRU` for what they
 * compute. In the first run, without a last output, everything that would be made of it is left out, biases too.
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

  /** `x` has shape (batch, inSize), the result (batch, outSize). */
  override forward(x: VariableLike): Variable {
    const { h } = this;
    const [update, candidate] = [this.W_z.forward(x), this.W.forward(x)];
    this.h = h === null ? firstOutput(update, candidate)[0] : this.next(h, x, update, candidate);
    return this.h;
  }
}

/** Chainer's other name for {@link StatefulGRU}. */
export class GRU extends StatefulGRU {}
