import type { Variable, VariableLike } from "@chain/autograd";
import { MGUBase } from "./mgu-base.js";

/**
 * Minimal gated units that are given their last output (Chainer's `StatelessMGU`; Zhou et al., "Minimal Gated Unit for
 * Recurrent Neural Networks", 2016):
 *
 * - `f = σ(W_f [h, x])`
 * - `y = f tanh(W_h [f h, x]) + (1 - f) h`
 */
export class StatelessMGU extends MGUBase {
  /** The next output. `h` has shape (batch, outSize), `x` has (batch, inSize). */
  override forward(h: VariableLike, x: VariableLike): Variable {
    return this.step(h, x);
  }
}
