import * as nx from "@chain/array";
import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";
import { GradientClipping, SGD } from "@chain/optimizers";
import type { Session } from "../contestant.js";
import { languageModel } from "./data.js";

const { batch, clip, learningRate, steps, words } = languageModel;

class LanguageModel extends L.Chain {
  readonly embed: L.EmbedID;
  readonly l1: L.LSTM;
  readonly l2: L.LSTM;
  readonly l3: L.Linear;

  constructor(units: number) {
    super();
    const matrix = (values: Float32Array): nx.NdArray => nx.array(values).reshape([words, units]);
    this.embed = new L.EmbedID(words, units, { initialW: matrix(languageModel.embedding(units)) });
    this.l1 = lstm(0, units);
    this.l2 = lstm(1, units);
    this.l3 = new L.Linear(units, words, { initialW: matrix(languageModel.output(units)) });
  }

  override forward(x: nx.NdArray): Variable {
    let h = F.reshape(this.embed.forward(x), [steps * batch, -1]);
    for (const layer of [this.l1, this.l2]) {
      layer.resetState();
      h = F.concat(layer.forward(F.splitAxis(h, steps, 0)), { axis: 0 });
    }
    return this.l3.forward(h);
  }
}

/** A layer with the gates of each unit side by side, as Chainer has them. */
function lstm(layer: number, units: number): L.LSTM {
  const link = new L.LSTM(units, units, { forgetBiasInit: 0 });
  for (const from of ["upward", "lateral"] as const) {
    const gates = nx.array(languageModel.gates(layer, from, units)).reshape([4, units, units]);
    nx.copyto(link[from].W.array, nx.transpose(gates, [1, 0, 2]).reshape([4 * units, units]));
  }
  return link;
}

export function languageModelStep(units: number): Promise<Session> {
  const model = nx.scope(() => new LanguageModel(units));
  const optimizer = new SGD({ lr: learningRate }).setup(model);
  optimizer.addHook(new GradientClipping(clip));
  const x = nx.array(languageModel.ids()).reshape([steps, batch]);
  const t = nx.array(languageModel.next());
  const step = (): Variable => optimizer.update(() => F.mul(F.softmaxCrossEntropy(model.forward(x), t), steps));
  return Promise.resolve({
    run: () => void step(),
    result: async () => [await step().item(), await step().item(), await step().item()],
  });
}
