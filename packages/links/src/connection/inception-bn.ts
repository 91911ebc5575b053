import { ValueError, type DType } from "@chain/array";
import type { Variable, VariableLike } from "@chain/autograd";
import { averagePooling2d, concat, maxPooling2d } from "@chain/autograd/functions";
import { Chain } from "../chain.js";
import type { InitializerLike } from "../initializers/initializer.js";
import { BatchNormalization } from "../normalization/batch-normalization.js";
import { Convolution2D } from "./convolution-nd.js";

/** Options of {@link InceptionBN}. */
export interface InceptionBNOptions {
  /** Stride of the last convolution of each branch and of the pooling, 1 by default; another needs `out1` to be 0. */
  readonly stride?: number;
  /** First weights of all convolutions. */
  readonly convInit?: InitializerLike | null;
  /** dtype of the normalizations; `config.dtype` by default. */
  readonly dtype?: DType | null;
}

/**
 * The module of the batch-normalized GoogLeNet: 1 × 1, 3 × 3 and two 3 × 3 convolutions and a pooling side by side, each
 * convolution followed by batch normalization and ReLU (Chainer's `InceptionBN`; Ioffe and Szegedy, 2015).
 */
export class InceptionBN extends Chain {
  readonly conv1: Convolution2D | null = null;
  readonly conv1n: BatchNormalization | null = null;
  readonly proj3: Convolution2D;
  readonly proj3n: BatchNormalization;
  readonly conv3: Convolution2D;
  readonly conv3n: BatchNormalization;
  readonly proj33: Convolution2D;
  readonly proj33n: BatchNormalization;
  readonly conv33a: Convolution2D;
  readonly conv33an: BatchNormalization;
  readonly conv33b: Convolution2D;
  readonly conv33bn: BatchNormalization;
  readonly poolp: Convolution2D | null = null;
  readonly poolpn: BatchNormalization | null = null;
  readonly pooltype: "max" | "avg";
  readonly stride: number;

  /**
   * Channels that the convolutions give; `proj…` are 1 × 1 ones.
   *
   * @param out1 - 0 leaves the branch out.
   * @param projPool - null leaves the convolution after the pooling out; needed if `out1` is not 0.
   */
  constructor(
    inChannels: number | null,
    out1: number,
    proj3: number,
    out3: number,
    proj33: number,
    out33: number,
    pooltype: "max" | "avg",
    projPool: number | null = null,
    { stride = 1, convInit = null, dtype = null }: InceptionBNOptions = {},
  ) {
    super();
    if (out1 > 0 && (stride !== 1 || projPool === null)) {
      throw new ValueError("InceptionBN: with out1, the stride must be 1 and projPool be given");
    }
    if (pooltype !== "max" && pooltype !== "avg") {
      throw new ValueError(`InceptionBN: pooltype is "max" or "avg", got ${JSON.stringify(pooltype)}`);
    }
    const options = { nobias: true, initialW: convInit };
    const normalization = (size: number): BatchNormalization =>
      new BatchNormalization(size, { dtype, activation: "relu" });
    this.pooltype = pooltype;
    this.stride = stride;
    if (out1 > 0) {
      this.conv1 = new Convolution2D(inChannels, out1, 1, options);
      this.conv1n = normalization(out1);
    }
    this.proj3 = new Convolution2D(inChannels, proj3, 1, options);
    this.proj3n = normalization(proj3);
    this.conv3 = new Convolution2D(proj3, out3, 3, { pad: 1, stride, ...options });
    this.conv3n = normalization(out3);
    this.proj33 = new Convolution2D(inChannels, proj33, 1, options);
    this.proj33n = normalization(proj33);
    this.conv33a = new Convolution2D(proj33, out33, 3, { pad: 1, ...options });
    this.conv33an = normalization(out33);
    this.conv33b = new Convolution2D(out33, out33, 3, { pad: 1, stride, ...options });
    this.conv33bn = normalization(out33);
    if (projPool !== null) {
      this.poolp = new Convolution2D(inChannels, projPool, 1, options);
      this.poolpn = normalization(projPool);
    }
  }

  /** `x` has shape (batch, inChannels, height, width); the channels of the results follow one another. */
  override forward(x: VariableLike): Variable {
    const branches: Variable[] = [];
    if (this.conv1 !== null && this.conv1n !== null) branches.push(this.conv1n.forward(this.conv1.forward(x)));
    const h3 = this.proj3n.forward(this.proj3.forward(x));
    branches.push(this.conv3n.forward(this.conv3.forward(h3)));
    const h33 = this.conv33an.forward(this.conv33a.forward(this.proj33n.forward(this.proj33.forward(x))));
    branches.push(this.conv33bn.forward(this.conv33b.forward(h33)));
    const pooling = { stride: this.stride, pad: 1 };
    const pooled =
      this.pooltype === "max" ? maxPooling2d(x, 3, { ...pooling, coverAll: false }) : averagePooling2d(x, 3, pooling);
    const projected =
      this.poolp === null || this.poolpn === null ? null : this.poolpn.forward(this.poolp.forward(pooled));
    branches.push(projected ?? pooled);
    return concat(branches, { axis: 1 });
  }
}
