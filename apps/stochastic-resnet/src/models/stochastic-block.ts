import { random } from "@chain/array";
import { config, type Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";
import { ConvBN } from "./conv-bn.js";
import { shortcut } from "./shortcut.js";

/** What a block adds to its input: two convolutions. */
class Residual extends L.Chain {
  readonly c1: ConvBN;
  readonly c2: ConvBN;

  constructor(inChannels: number, outChannels: number, stride: number) {
    super();
    this.c1 = new ConvBN(inChannels, outChannels, { stride, activation: "relu" });
    this.c2 = new ConvBN(outChannels, outChannels);
  }

  override forward(x: Variable): Variable {
    return this.c2.forward(this.c1.forward(x));
  }
}

/**
 * A residual block that a coin keeps or drops at every iteration (Huang et al. 2016, "Deep Networks with Stochastic
 * Depth", https://arxiv.org/abs/1603.09382). At test time it is always there, scaled by the probability that it was.
 */
export class StochasticBlock extends L.Chain {
  readonly f: Residual;
  /** Whether the latest training iteration kept it. */
  kept = true;

  /** @param survival probability that an iteration keeps it */
  constructor(
    inChannels: number,
    private readonly outChannels: number,
    private readonly stride: number,
    readonly survival: number,
  ) {
    super();
    this.f = new Residual(inChannels, outChannels, stride);
  }

  override forward(x: Variable): Variable {
    const passed = shortcut(x, this.outChannels, this.stride);
    if (!config.train) return F.relu(F.add(passed, F.mul(this.f.forward(x), this.survival)));
    this.kept = random.random() < this.survival;
    return this.kept ? F.relu(F.add(passed, this.f.forward(x))) : passed;
  }
}
