import type { Variable, VariableLike } from "@chain/autograd";
import { concat, maxPooling2d, relu } from "@chain/autograd/functions";
import { Chain } from "../chain.js";
import type { InitializerLike } from "../initializers/initializer.js";
import { Convolution2D } from "./convolution-nd.js";

/** Options of {@link Inception}. */
export interface InceptionOptions {
  /** First weights of all convolutions. */
  readonly convInit?: InitializerLike | null;
  /** First biases of all convolutions. */
  readonly biasInit?: InitializerLike | null;
}

/**
 * The module of GoogLeNet: 1 × 1, 3 × 3 and 5 × 5 convolutions and max pooling side by side, the larger ones after 1 × 1
 * convolutions (Chainer's `Inception`; Szegedy et al., "Going Deeper with Convolutions", 2014).
 */
export class Inception extends Chain {
  readonly conv1: Convolution2D;
  readonly proj3: Convolution2D;
  readonly conv3: Convolution2D;
  readonly proj5: Convolution2D;
  readonly conv5: Convolution2D;
  readonly projp: Convolution2D;

  /** Channels that the convolutions give; `proj…` are the 1 × 1 ones. */
  constructor(
    inChannels: number | null,
    out1: number,
    proj3: number,
    out3: number,
    proj5: number,
    out5: number,
    projPool: number,
    { convInit = null, biasInit = null }: InceptionOptions = {},
  ) {
    super();
    const options = { initialW: convInit, initialBias: biasInit };
    this.conv1 = new Convolution2D(inChannels, out1, 1, options);
    this.proj3 = new Convolution2D(inChannels, proj3, 1, options);
    this.conv3 = new Convolution2D(proj3, out3, 3, { pad: 1, ...options });
    this.proj5 = new Convolution2D(inChannels, proj5, 1, options);
    this.conv5 = new Convolution2D(proj5, out5, 5, { pad: 2, ...options });
    this.projp = new Convolution2D(inChannels, projPool, 1, options);
  }

  /** `x` has shape (batch, inChannels, height, width); the channels of the results follow one another. */
  override forward(x: VariableLike): Variable {
    const branches = [
      this.conv1.forward(x),
      this.conv3.forward(relu(this.proj3.forward(x))),
      this.conv5.forward(relu(this.proj5.forward(x))),
      this.projp.forward(maxPooling2d(x, 3, { stride: 1, pad: 1 })),
    ];
    return relu(concat(branches, { axis: 1 }));
  }
}
