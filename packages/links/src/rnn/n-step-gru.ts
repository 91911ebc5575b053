import type { Variable } from "@chain/autograd";
import { nStepBigru, nStepGru } from "@chain/autograd/functions";
import { NStepOutputBase, type NStepKind, type NStepOptions } from "./n-step-base.js";

function kindOf(directions: 1 | 2): NStepKind {
  const gru = directions === 1 ? nStepGru : nStepBigru;
  return {
    directions,
    weights: 6,
    run(nLayers, dropout, [hx], ws, bs, xs) {
      const [hy, ys] = gru(nLayers, dropout, hx as Variable, ws, bs, xs);
      return { states: [hy], ys };
    },
  };
}

/** Layers of gated recurrent units over whole sequences (Chainer's `NStepGRU`); see `nStepGru`. */
export class NStepGRU extends NStepOutputBase {
  constructor(nLayers: number, inSize: number, outSize: number, dropout: number, options: NStepOptions = {}) {
    super(kindOf(1), nLayers, inSize, outSize, dropout, options);
  }
}

/** As {@link NStepGRU}, in both directions (Chainer's `NStepBiGRU`); see `nStepBigru`. */
export class NStepBiGRU extends NStepOutputBase {
  constructor(nLayers: number, inSize: number, outSize: number, dropout: number, options: NStepOptions = {}) {
    super(kindOf(2), nLayers, inSize, outSize, dropout, options);
  }
}
