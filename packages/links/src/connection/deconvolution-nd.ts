import type { Shape } from "@chain/array";
import { Parameter, type Variable, type VariableLike } from "@chain/autograd";
import { deconvolutionNd, type DeconvolutionOptions as FunctionOptions } from "@chain/autograd/functions";
import { getInitializer } from "../initializers/get-initializer.js";
import { Link } from "../link.js";
import {
  channelsPerGroup,
  convolutionArguments,
  kernelShape,
  type ConvolutionArguments,
} from "./convolution-arguments.js";
import type { LinearOptions } from "./linear.js";

/** Options of links that deconvolve along spatial axes `Axes`: those of the function, and those of {@link Linear}. */
export interface DeconvolutionNDOptions<Axes extends readonly number[] = readonly number[]>
  extends FunctionOptions<Axes>, LinearOptions {}

/**
 * Transposed convolution in `ndim` dimensions with a bias (Chainer's `DeconvolutionND`): `W` has shape (inChannels,
 * outChannels / groups, …ksize), `b` (outChannels). Weights start as `LeCunNormal` makes them, the bias as 0.
 */
export class DeconvolutionND<Axes extends readonly number[] = readonly number[]> extends Link {
  readonly ndim: number;
  readonly inChannels: number | null;
  readonly outChannels: number;
  readonly ksize: Shape;
  readonly stride: number | Axes;
  readonly pad: number | Axes;
  readonly dilate: number | Axes;
  readonly groups: number;
  readonly outsize: Axes | null;
  readonly W: Parameter;
  readonly b: Parameter | null;

  constructor(ndim: number, ...args: ConvolutionArguments<Axes, DeconvolutionNDOptions<Axes>>) {
    super();
    const { inChannels, outChannels, ksize, options = {} } = convolutionArguments(args);
    const { stride = 1, pad = 0, dilate = 1, groups = 1, outsize = null } = options;
    this.ndim = ndim;
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.ksize = kernelShape(this.constructor.name, ksize, ndim);
    this.stride = stride;
    this.pad = pad;
    this.dilate = dilate;
    this.groups = groups;
    this.outsize = outsize;
    const shape = inChannels === null ? null : this.weightShape(inChannels);
    this.W = new Parameter(getInitializer(options.initialW), { shape, name: "W" });
    const bias = getInitializer(options.initialBias ?? 0);
    this.b = options.nobias === true ? null : new Parameter(bias, { shape: outChannels, name: "b" });
  }

  /** `x` has shape (batch, inChannels, …), the result (batch, outChannels, …). */
  override forward(x: VariableLike): Variable {
    if (!this.W.isInitialized) this.initializeParams(x);
    const { stride, pad, dilate, groups, outsize } = this;
    return deconvolutionNd(x, this.W, this.b, { stride, pad, dilate, groups, outsize });
  }

  /** Makes the weights for inputs like `x`; running the link does it by itself. */
  initializeParams(x: VariableLike): void {
    this.W.initialize(this.weightShape(x.shape[1] as number));
  }

  private weightShape(inChannels: number): Shape {
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
