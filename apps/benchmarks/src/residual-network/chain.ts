import * as nx from "@chain/array";
import { noBackpropMode, testMode, Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";
import { MomentumSGD, WeightDecay } from "@chain/optimizers";
import { sample, type Session } from "../contestant.js";
import { residualNetwork } from "./data.js";

const { blocks, channels, classes, eps, learningRate: lr, momentum, weightDecay } = residualNetwork;

class ConvBN extends L.Chain {
  readonly conv: L.Convolution2D;
  readonly bn: L.BatchNormalization;

  constructor(layer: number, inChannels: number, outChannels: number, stride: number, activation: "none" | "relu") {
    super();
    const initialW = nx
      .array(residualNetwork.weights(layer, outChannels, 9 * inChannels))
      .reshape([outChannels, inChannels, 3, 3]);
    this.conv = new L.Convolution2D(inChannels, outChannels, 3, { stride, pad: 1, nobias: true, initialW });
    this.bn = new L.BatchNormalization(outChannels, { eps, activation });
  }

  override forward(x: Variable): Variable {
    return this.bn.forward(this.conv.forward(x));
  }
}

class Block extends L.Chain {
  readonly c1: ConvBN;
  readonly c2: ConvBN;

  constructor(
    layer: number,
    private readonly inChannels: number,
    private readonly outChannels: number,
  ) {
    super();
    this.c1 = new ConvBN(layer, inChannels, outChannels, inChannels === outChannels ? 1 : 2, "relu");
    this.c2 = new ConvBN(layer + 1, outChannels, outChannels, 1, "none");
  }

  override forward(x: Variable, survives = true): Variable {
    if (!survives) return this.shortcut(x);
    return F.relu(F.add(this.c2.forward(this.c1.forward(x)), this.shortcut(x)));
  }

  private shortcut(x: Variable): Variable {
    const { inChannels, outChannels } = this;
    if (inChannels === outChannels) return x;
    const everySecond = nx.slice(null, null, 2);
    const none = [0, 0] as const;
    const more = [0, outChannels - inChannels] as const;
    return F.pad(F.getItem(x, [nx.ellipsis, everySecond, everySecond]), [none, more, none, none], "constant");
  }
}

class ResidualNetwork extends L.Chain {
  readonly c0: ConvBN;
  readonly blocks: Block[] = [];
  readonly fc: L.Linear;

  constructor() {
    super();
    let from = channels[0] as number;
    let layer = 1;
    this.c0 = new ConvBN(0, 3, from, 1, "relu");
    for (const to of channels) {
      for (let i = 0; i < blocks; i++, layer += 2, from = to) this.blocks.push(new Block(layer, from, to));
    }
    const initialW = nx.array(residualNetwork.weights(layer, classes, from)).reshape([classes, from]);
    this.fc = new L.Linear(from, classes, { initialW });
  }

  /** @param survives - which blocks take part; all by default */
  override forward(x: Variable, survives: readonly boolean[] = []): Variable {
    let h = this.c0.forward(x);
    this.blocks.forEach((block, i) => (h = block.forward(h, survives[i])));
    return this.fc.forward(F.average(h, { axis: [2, 3] }));
  }
}

/** A step of training; `stochastic` leaves blocks out, others in every step. */
export function residualNetworkStep(batch: number, finish: () => Promise<void>, stochastic = false): Promise<Session> {
  const model = nx.scope(() => new ResidualNetwork());
  const optimizer = new MomentumSGD({ lr, momentum }).setup(model);
  optimizer.addHook(new WeightDecay(weightDecay));
  const images = nx.array(residualNetwork.images(batch)).reshape([batch, 3, 32, 32]);
  const x = new Variable(images, { requiresGrad: false });
  const t = nx.array(residualNetwork.labels(batch));
  let steps = 0;
  const step = (): Variable => {
    const survives = stochastic ? residualNetwork.survives(steps++) : [];
    return optimizer.update(() => F.softmaxCrossEntropy(model.forward(x, survives), t));
  };
  return Promise.resolve({
    run: () => void step(),
    finish,
    result: async () => [await step().item(), await step().item(), await step().item()],
  });
}

/** Scores of new images, by statistics of earlier ones. */
export function residualNetworkInference(batch: number, finish: () => Promise<void>): Promise<Session> {
  const model = nx.scope(() => new ResidualNetwork());
  const x = nx.array(residualNetwork.images(batch)).reshape([batch, 3, 32, 32]);
  const scores = (): nx.NdArray => testMode(() => noBackpropMode(() => model.forward(new Variable(x)).array));
  return Promise.resolve({
    run: () => nx.scope(() => void scores()),
    finish,
    result: async () => sample(await nx.scope(() => nx.keep(scores())).data()),
  });
}
