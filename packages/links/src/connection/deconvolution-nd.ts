import type { Shape } from "@chain/array";
import type { Variable, VariableLike } from "@chain/autograd";
import { deconvolutionNd, type DeconvolutionOptions as FunctionOptions } from "@chain/autograd/functions";
import { channelsPerGroup, convolutionArguments, type ConvolutionArguments } from "./convolution-arguments.js";
import { ConvolutionLink } from "./convolution-link.js";
import type { LinearOptions } from "./linear.js";

/** Options of links that deconvolve along spatial axes `Axes`: those of the function, and those of {@link Linear}. */
export interface DeconvolutionNDOptions<Axes extends readonly number[] = readonly number[]>
  extends FunctionOptions<Axes>, LinearOptions {}

/**
 * Transposed convolution in `ndim` dimensions with a bias (Chainer's `DeconvolutionND`): `W` has shape (inChannels,
 * outChannels / groups, …ksize), `b` (outChannels). Weights start as `LeCunNormal` makes them, the bias as 0.
 */
export class DeconvolutionND<Axes extends readonly number[] = readonly number[]> extends ConvolutionLink<Axes> {
  readonly outsize: Axes | null;

  constructor(ndim: number, ...args: ConvolutionArguments<Axes, DeconvolutionNDOptions<Axes>>) {
    const named = convolutionArguments(args);
    super(ndim, named);
    this.outsize = named.options?.outsize ?? null;
  }

  /** `x` has shape (batch, inChannels, …), the result (batch, outChannels, …). */
  override forward(x: VariableLike): Variable {
    if (!this.W.isInitialized) this.initializeParams(x);
    const { stride, pad, dilate, groups, outsize } = this;
    return deconvolutionNd(x, this.W, this.b, { stride, pad, dilate, groups, outsize });
  }

  protected override weightShape(inChannels: number): Shape {
    const { name } = this.constructor;
    channelsPerGroup(name, "inChannels", inChannels, this.groups);
    return [inChannels, channelsPerGroup(name, "outChannels", this.outChannels, this.groups), ...this.ksize];
  }
}

/** {@link DeconvolutionND} in one dimension (Chainer's `Deconvolution1D`). */
export class Deconvolution1D extends DeconvolutionND<readonly [number]> {
  constructor(...args: ConvolutionArguments<readonly [number], DeconvolutionNDOptions<readonly [number]>>) {
    super(1, ...args);
  }
}

type Pair = readonly [number, number];

/** {@link DeconvolutionND} in two dimensions (Chainer's `Deconvolution2D`). */
export class Deconvolution2D extends DeconvolutionND<Pair> {
  constructor(...args: ConvolutionArguments<Pair, DeconvolutionNDOptions<Pair>>) {
    super(2, ...args);
  }
}

type Triple = readonly [number, number, number];

/** {@link DeconvolutionND} in three dimensions (Chainer's `Deconvolution3D`). */
export class Deconvolution3D extends DeconvolutionND<Triple> {
  constructor(...args: ConvolutionArguments<Triple, DeconvolutionNDOptions<Triple>>) {
    super(3, ...args);
  }
}
