import type { Variable, VariableLike } from "@chain/autograd";
import { nStepBilstm, nStepLstm } from "@chain/autograd/functions";
import { NStepBase, type NStepKind, type NStepOptions } from "./n-step-base.js";

function kindOf(directions: 1 | 2): NStepKind {
  const lstm = directions === 1 ? nStepLstm : nStepBilstm;
  return {
    directions,
    weights: 8,
    run(nLayers, dropout, [hx, cx], ws, bs, xs) {
      const [hy, cy, ys] = lstm(nLayers, dropout, hx as Variable, cx as Variable, ws, bs, xs);
      return { states: [hy, cy], ys };
    },
  };
}

/** What both directions share. */
abstract class NStepLSTMBase extends NStepBase {
  /**
   * Last outputs and states of all layers and all outputs of the last one.
   *
   * @param hx - First outputs, shape (layers · directions, sequences, outSize), or null for zeros.
   * @param cx - First states, as `hx`.
   * @param xs - Sequences of shape (length, inSize), in any order.
   * @returns `hy` and `cy` as `hx`, and a sequence of shape (length, outSize · directions) for each of `xs`.
   */
  override forward(
    hx: VariableLike | null,
    cx: VariableLike | null,
    xs: readonly VariableLike[],
  ): [hy: Variable, cy: Variable, ys: Variable[]] {
    const { states, ys } = this.call([hx, cx], xs);
    return [states[0] as Variable, states[1] as Variable, ys];
  }
}

/** Layers of long short-term memory units over whole sequences (Chainer's `NStepLSTM`); see `nStepLstm`. */
export class NStepLSTM extends NStepLSTMBase {
  constructor(nLayers: number, inSize: number, outSize: number, dropout: number, options: NStepOptions = {}) {
    super(kindOf(1), nLayers, inSize, outSize, dropout, options);
  }
}

/** As {@link NStepLSTM}, in both directions (Chainer's `NStepBiLSTM`); see `nStepBilstm`. */
export class NStepBiLSTM extends NStepLSTMBase {
  constructor(nLayers: number, inSize: number, outSize: number, dropout: number, options: NStepOptions = {}) {
    super(kindOf(2), nLayers, inSize, outSize, dropout, options);
  }
}
