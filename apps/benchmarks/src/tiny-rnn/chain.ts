import * as nx from "@chain/array";
import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";
import { inputs, sample, type Session } from "../contestant.js";

const units = 32;

/** One layer, `h = tanh(W x + U h)`, a step at a time: the host's work counts for as much as that of the kernels. */
class TinyRnn extends L.Chain {
  readonly x2h = new L.Linear(units, units, { initialW: weights(1) });
  readonly h2h = new L.Linear(units, units, { initialW: weights(2), nobias: true });

  override forward(xs: readonly nx.NdArray[]): Variable {
    let h: Variable | null = null;
    for (const x of xs) {
      const fromInput: Variable = this.x2h.forward(x);
      h = F.tanh(h === null ? fromInput : F.add(fromInput, this.h2h.forward(h)));
    }
    return F.sum(h ?? nx.zeros([]));
  }
}

function weights(seed: number): nx.NdArray {
  return nx.array(inputs(units * units, seed).map((v) => 0.2 * v)).reshape([units, units]);
}

/** Forward and backward through `steps` elements of one sequence. */
export function tinyRnn(steps: number): Promise<Session> {
  const model = new TinyRnn();
  const xs = Array.from({ length: steps }, (_, t) => nx.array(inputs(units, 10 + t)).reshape([1, units]));
  const run = (): void =>
    nx.scope(() => {
      model.cleargrads();
      model.forward(xs).backward();
    });
  return Promise.resolve({
    run,
    result: async () => {
      run();
      return sample(await (model.h2h.W.grad as nx.NdArray).data());
    },
  });
}
