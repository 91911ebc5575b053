import type { Variable, VariableLike } from "@chain/autograd";
import { MGUBase } from "./mgu-base.js";
import { isSequence, type ElementOrSequence } from "./sequence.js";
import { givenState, zeroState } from "./state.js";

/** Minimal gated units that remember their last output (Chainer's `StatefulMGU`); see `StatelessMGU`. */
export class StatefulMGU extends MGUBase {
  /** Last output, shape (batch, outSize); null before the first run, which counts as zeros. */
  h: Variable | null = null;

  /** Forgets the last output: a new sequence begins. */
  resetState(): void {
    this.h = null;
  }

  /** Puts another output in the place of the last one; shape (batch, outSize). */
  setState(h: VariableLike): void {
    this.h = givenState("StatefulMGU", "h", h, this.stateSize);
  }

  /** `x` has shape (batch, inSize), the result (batch, outSize); for a list of elements by time, a list of results. */
  override forward(x: VariableLike): Variable;
  override forward(xs: readonly VariableLike[]): Variable[];
  override forward(x: ElementOrSequence): Variable | Variable[] {
    if (isSequence(x)) return x.map((element) => this.forward(element));
    this.h = this.step(this.h ?? zeroState(x, x.shape[0] as number, this.stateSize), x);
    return this.h;
  }
}
