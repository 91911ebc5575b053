import type { Variable } from "@chain/autograd";
import * as L from "@chain/links";
import { BatchNormalization } from "./batch-normalization.js";

/** A convolution of 3 × 3 and batch normalization, which has the bias. Weights start as He et al. 2015 recommend. */
export class ConvBN extends L.Chain {
  readonly conv: L.Convolution2D;
  readonly bn: BatchNormalization;

  constructor(inChannels: number | null, outChannels: number, stride = 1) {
    super();
    const initialW = new L.initializers.HeNormal();
    this.conv = new L.Convolution2D(inChannels, outChannels, 3, { stride, pad: 1, nobias: true, initialW });
    this.bn = new BatchNormalization(outChannels);
  }

  override forward(x: Variable): Variable {
    return this.bn.forward(this.conv.forward(x));
  }
}
