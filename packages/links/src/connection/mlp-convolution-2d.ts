import { ValueError } from "@chain/array";
import type { Variable, VariableLike } from "@chain/autograd";
import { relu } from "@chain/autograd/functions";
import { ChainList } from "../link-list.js";
import { Convolution2D, type ConvolutionNDOptions } from "./convolution-nd.js";

/** Options of {@link MLPConvolution2D}; stride and pad are those of the first convolution. */
export interface MLPConvolution2DOptions extends Omit<
  ConvolutionNDOptions<readonly [number, number]>,
  "groups" | "dilate"
> {
  /** What is applied between the layers; `relu` by default. */
  readonly activation?: (x: Variable) => Variable;
}

/**
 * A convolution followed by 1 × 1 convolutions, with an activation between them: a perceptron at every place (Chainer's
 * `MLPConvolution2D`; Lin et al., "Network In Network", 2013). Layers are `/0`, `/1`, ….
 */
export class MLPConvolution2D extends ChainList<Convolution2D> {
  readonly activation: (x: Variable) => Variable;

  /** @param outChannels - Channels that each layer gives. */
  constructor(
    inChannels: number | null,
    outChannels: readonly number[],
    ksize: number | readonly [number, number],
    options: MLPConvolution2DOptions = {},
  ) {
    const { activation = relu, stride = 1, pad = 0, ...rest } = options;
    const [first, ...others] = outChannels;
    if (first === undefined) throw new ValueError("MLPConvolution2D: outChannels is a list of at least one number");
    super(
      new Convolution2D(inChannels, first, ksize, { stride, pad, ...rest }),
      ...others.map((channels, i) => new Convolution2D(outChannels[i] as number, channels, 1, rest)),
    );
    this.activation = activation;
  }

  /** `x` has shape (batch, inChannels, height, width). */
  override forward(x: VariableLike): Variable {
    const [first, ...others] = this.children() as [Convolution2D, ...Convolution2D[]];
    return others.reduce((h, layer) => layer.forward(this.activation(h)), first.forward(x));
  }
}
