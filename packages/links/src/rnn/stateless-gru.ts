import type { Variable, VariableLike } from "@chain/autograd";
import { GRUBase } from "./gru-base.js";

/**
 * Gated recurrent units that are given their last output (Chainer's `StatelessGRU`; Cho et al., "On the Properties of
 * Neural Machine Translation: Encoder-Decoder Approaches", 2014):
 *
 * - `r = σ(W_r x + U_r h)`
 * - `z = σ(W_z x + U_z h)`
 * - `y = z tanh(W x + U (r h)) + (1 - z) h`
 */
export class StatelessGRU extends GRUBase {
  /** The next output. `h` has shape (batch, outSize), `x` has (batch, inSize). */
  override forward(h: VariableLike, x: VariableLike): Variable {
    return this.next(h, this.W_r.forward(x), this.W_z.forward(x), this.W.forward(x));
  }
}
