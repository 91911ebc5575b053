import type { Variable } from "@chain/autograd";
import { nStepBirnn, nStepRnn, type RnnActivation } from "@chain/autograd/functions";
import { NStepOutputBase, type NStepKind, type NStepOptions } from "./n-step-base.js";

function kindOf(directions: 1 | 2, activation: RnnActivation): NStepKind {
  const rnn = directions === 1 ? nStepRnn : nStepBirnn;
  return {
    directions,
    weights: 2,
    run(nLayers, dropout, [hx], ws, bs, xs) {
      const [hy, ys] = rnn(nLayers, dropout, hx as Variable, ws, bs, xs, { activation });
      return { states: [hy], ys };
    },
  };
}

/** Layers of simple recurrent units with tanh over whole sequences (Chainer's `NStepRNNTanh`); see `nStepRnn`. */
export class NStepRNNTanh extends NStepOutputBase {
  constructor(nLayers: number, inSize: number, outSize: number, dropout: number, options: NStepOptions = {}) {
    super(kindOf(1, "tanh"), nLayers, inSize, outSize, dropout, options);
  }
}

/** Layers of simple recurrent units with relu over whole sequences (Chainer's `NStepRNNReLU`); see `nStepRnn`. */
export class NStepRNNReLU extends NStepOutputBase {
  constructor(nLayers: number, inSize: number, outSize: number, dropout: number, options: NStepOptions = {}) {
    super(kindOf(1, "relu"), nLayers, inSize, outSize, dropout, options);
  }
}

/** As {@link NStepRNNTanh}, in both directions (Chainer's `NStepBiRNNTanh`); see `nStepBirnn`. */
export class NStepBiRNNTanh extends NStepOutputBase {
  constructor(nLayers: number, inSize: number, outSize: number, dropout: number, options: NStepOptions = {}) {
    super(kindOf(2, "tanh"), nLayers, inSize, outSize, dropout, options);
  }
}

/** As {@link NStepRNNReLU}, in both directions (Chainer's `NStepBiRNNReLU`); see `nStepBirnn`. */
export class NStepBiRNNReLU extends NStepOutputBase {
  constructor(nLayers: number, inSize: number, outSize: number, dropout: number, options: NStepOptions = {}) {
    super(kindOf(2, "relu"), nLayers, inSize, outSize, dropout, options);
  }
}
