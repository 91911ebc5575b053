import type { Variable } from "@chain/autograd";
import * as L from "@chain/links";

/** Options of {@link ConvBN}. */
export interface ConvBNOptions {
  readonly stride?: number;
  /** What batch normalization applies to its result. Default: "none". */
  readonly activation?: "none" | "relu";
}

/** A convolution of 3 × 3 and batch normalization, which has the bias. Weights start as He et al. 2015 recommend. */
export class ConvBN extends L.Chain {
  readonly conv: L.Convolution2D;
  readonly bn: L.BatchNormalization;

  constructor(inChannels: number | null, outChannels: number, options: ConvBNOptions = {}) {
    super();
    const { stride = 1, activation = "none" } = options;
    const initialW = new L.initializers.HeNormal();
    this.conv = new L.Convolution2D(inChannels, outChannels, 3, { stride, pad: 1, nobias: true, initialW });
    this.bn = new L.BatchNormalization(outChannels, { activation });
  }

  override forward(x: Variable): Variable {
    return this.bn.forward(this.conv.forward(x));
  }
}
