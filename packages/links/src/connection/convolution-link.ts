import type { Shape } from "@chain/array";
import { Parameter, type VariableLike } from "@chain/autograd";
import type { ConvolutionOptions } from "@chain/autograd/functions";
import { getInitializer } from "../initializers/get-initializer.js";
import { Link } from "../link.js";
import { channelsPerGroup, kernelShape, type NamedConvolutionArguments } from "./convolution-arguments.js";
import type { LinearOptions } from "./linear.js";

/** What convolutions and transposed ones can both be told. */
type SharedOptions<Axes extends readonly number[]> = LinearOptions & Omit<ConvolutionOptions<Axes>, "coverAll">;

/** A link with a kernel `W` that is moved along `ndim` spatial axes, and a bias `b` for each channel that comes out. */
export abstract class ConvolutionLink<Axes extends readonly number[]> extends Link {
  readonly ndim: number;
  readonly inChannels: number | null;
  readonly outChannels: number;
  readonly ksize: Shape;
  readonly stride: number | Axes;
  readonly pad: number | Axes;
  readonly dilate: number | Axes;
  readonly groups: number;
  readonly W: Parameter;
  readonly b: Parameter | null;

  constructor(ndim: number, args: NamedConvolutionArguments<Axes, SharedOptions<Axes>>) {
    super();
    const { inChannels, outChannels, ksize, options = {} } = args;
    const { stride = 1, pad = 0, dilate = 1, groups = 1 } = options;
    this.ndim = ndim;
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.ksize = kernelShape(this.constructor.name, ksize, ndim);
    this.stride = stride;
    this.pad = pad;
    this.dilate = dilate;
    this.groups = groups;
    channelsPerGroup(this.constructor.name, "outChannels", outChannels, groups);
    const shape = inChannels === null ? null : this.weightShape(inChannels);
    this.W = new Parameter(getInitializer(options.initialW), { shape, name: "W" });
    const bias = getInitializer(options.initialBias ?? 0);
    this.b = options.nobias === true ? null : new Parameter(bias, { shape: outChannels, name: "b" });
  }

  /** Shape of `W` for so many channels that come in. */
  protected abstract weightShape(inChannels: number): Shape;

  /** Makes the weights for inputs like `x`, of shape (batch, inChannels, …); running the link does it by itself. */
  initializeParams(x: VariableLike): void {
    this.W.initialize(this.weightShape(x.shape[1] as number));
  }
}
