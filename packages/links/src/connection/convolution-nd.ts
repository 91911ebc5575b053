import type { Shape } from "@chain/array";
import type { Variable, VariableLike } from "@chain/autograd";
import { convolutionNd, type ConvolutionOptions as FunctionOptions } from "@chain/autograd/functions";
import { channelsPerGroup, convolutionArguments, type ConvolutionArguments } from "./convolution-arguments.js";
import { ConvolutionLink } from "./convolution-link.js";
import type { LinearOptions } from "./linear.js";

/** Options of links that convolve along spatial axes `Axes`: those of the function, and those of {@link Linear}. */
export interface ConvolutionNDOptions<Axes extends readonly number[] = readonly number[]>
  extends FunctionOptions<Axes>, LinearOptions {}

/**
 * Convolution in `ndim` dimensions with a bias (Chainer's `ConvolutionND`): `W` has shape (outChannels, inChannels /
 * groups, …ksize), `b` (outChannels). Weights start as `LeCunNormal` makes them, the bias as 0.
 */
export class ConvolutionND<Axes extends readonly number[] = readonly number[]> extends ConvolutionLink<Axes> {
  readonly coverAll: boolean;

  constructor(ndim: number, ...args: ConvolutionArguments<Axes, ConvolutionNDOptions<Axes>>) {
    const named = convolutionArguments(args);
    super(ndim, named);
    this.coverAll = named.options?.coverAll ?? false;
  }

  /** `x` has shape (batch, inChannels, …), the result (batch, outChannels, …). */
  override forward(x: VariableLike): Variable {
    if (!this.W.isInitialized) this.initializeParams(x);
    const { stride, pad, dilate, groups, coverAll } = this;
    return convolutionNd(x, this.W, this.b, { stride, pad, dilate, groups, coverAll });
  }

  protected override weightShape(inChannels: number): Shape {
    return [
      this.outChannels,
      channelsPerGroup(this.constructor.name, "inChannels", inChannels, this.groups),
      ...this.ksize,
    ];
  }
}

/** {@link ConvolutionND} in one dimension (Chainer's `Convolution1D`). */
export class Convolution1D extends ConvolutionND<readonly [number]> {
  constructor(...args: ConvolutionArguments<readonly [number], ConvolutionNDOptions<readonly [number]>>) {
    super(1, ...args);
  }
}

type Pair = readonly [number, number];

/** {@link ConvolutionND} in two dimensions (Chainer's `Convolution2D`). */
export class Convolution2D extends ConvolutionND<Pair> {
  constructor(...args: ConvolutionArguments<Pair, ConvolutionNDOptions<Pair>>) {
    super(2, ...args);
  }
}

type Triple = readonly [number, number, number];

/** {@link ConvolutionND} in three dimensions (Chainer's `Convolution3D`). */
export class Convolution3D extends ConvolutionND<Triple> {
  constructor(...args: ConvolutionArguments<Triple, ConvolutionNDOptions<Triple>>) {
    super(3, ...args);
  }
}

/** Options of {@link DilatedConvolution2D}. */
export type DilatedConvolution2DOptions = Omit<ConvolutionNDOptions<Pair>, "groups" | "coverAll">;

/** {@link Convolution2D} whose kernel has gaps, by `dilate`, under a name of its own (Chainer's `DilatedConvolution2D`). */
export class DilatedConvolution2D extends ConvolutionND<Pair> {
  constructor(...args: ConvolutionArguments<Pair, DilatedConvolution2DOptions>) {
    super(2, ...args);
  }
}
