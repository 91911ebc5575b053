import { ValueError } from "@chain/array";
import { config, type Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";
import { ConvBN } from "./conv-bn.js";
import { StochasticBlock } from "./stochastic-block.js";

/**
 * A residual network for small images (He et al. 2015, "Deep Residual Learning", section 4.2) of `depth` = 6n + 2
 * layers: three stages of n blocks with 16, 32 and 64 channels. Block l of L survives an iteration with probability
 * 1 - (l / L) (1 - `survival`); with a survival of 1 it is a plain ResNet.
 */
export class StochasticResNet extends L.Chain {
  readonly c0: ConvBN;
  readonly blocks: readonly StochasticBlock[];
  readonly fc: L.Linear;

  constructor(depth: number, survival: number, classes = 10) {
    super();
    const n = (depth - 2) / 6;
    if (!Number.isInteger(n) || n < 1) {
      throw new ValueError(
        `the depth of a ResNet for small images is 6n + 2 (8, 14, 20, 32, 56, 110, …), got ${depth}`,
      );
    }
    this.c0 = new ConvBN(null, 16, { activation: "relu" });
    this.blocks = Array.from({ length: 3 * n }, (_, l) => {
      const stage = Math.floor(l / n);
      const first = stage > 0 && l % n === 0;
      const channels = 16 * 2 ** stage;
      const probability = 1 - ((l + 1) / (3 * n)) * (1 - survival);
      return new StochasticBlock(first ? channels / 2 : channels, channels, first ? 2 : 1, probability);
    });
    this.fc = new L.Linear(64, classes, { initialW: new L.initializers.HeNormal() });
  }

  /** Number of blocks that the latest training iteration kept. */
  get keptBlocks(): number {
    return this.blocks.filter(({ kept }) => kept).length;
  }

  override forward(x: Variable): Variable {
    let h = this.c0.forward(x);
    for (const block of this.blocks) h = block.forward(h);
    if (config.train) L.report({ blocks: this.keptBlocks }, this);
    return this.fc.forward(F.average(h, { axis: [2, 3] }));
  }
}
