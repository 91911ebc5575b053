import type { Shape } from "@chain/array";
import { Parameter, type Variable, type VariableLike } from "@chain/autograd";
import { depthwiseConvolution2d, type DepthwiseConvolution2dOptions } from "@chain/autograd/functions";
import { getInitializer } from "../initializers/get-initializer.js";
import { Link } from "../link.js";
import { kernelShape } from "./convolution-arguments.js";
import type { LinearOptions } from "./linear.js";

/** Options of {@link DepthwiseConvolution2D}. */
export interface DepthwiseConvolution2DOptions extends DepthwiseConvolution2dOptions, LinearOptions {}

/**
 * Convolution of every channel by itself, with `channelMultiplier` kernels each (Chainer's `DepthwiseConvolution2D`): `W`
 * has shape (channelMultiplier, inChannels, …ksize), `b` (inChannels · channelMultiplier).
 *
 * With `inChannels` null, it is taken from the first input.
 */
export class DepthwiseConvolution2D extends Link {
  readonly channelMultiplier: number;
  readonly ksize: Shape;
  readonly options: DepthwiseConvolution2dOptions;
  readonly W: Parameter;
  readonly b: Parameter | null;

  constructor(
    inChannels: number | null,
    channelMultiplier: number,
    ksize: number | readonly [number, number],
    options: DepthwiseConvolution2DOptions = {},
  ) {
    super();
    const { stride = 1, pad = 0, nobias = false, initialW, initialBias } = options;
    this.channelMultiplier = channelMultiplier;
    this.ksize = kernelShape("DepthwiseConvolution2D", ksize, 2);
    this.options = { stride, pad };
    this.W = new Parameter(getInitializer(initialW), { name: "W" });
    this.b = nobias ? null : new Parameter(getInitializer(initialBias ?? 0), { name: "b" });
    if (inChannels !== null) this.makeParams(inChannels);
  }

  /** `x` has shape (batch, inChannels, height, width), the result (batch, inChannels · channelMultiplier, …). */
  override forward(x: VariableLike): Variable {
    if (!this.W.isInitialized) this.initializeParams(x);
    return depthwiseConvolution2d(x, this.W, this.b, this.options);
  }

  /** Makes the parameters for inputs like `x`; running the link does it by itself. */
  initializeParams(x: VariableLike): void {
    this.makeParams(x.shape[1] as number);
  }

  private makeParams(inChannels: number): void {
    this.W.initialize([this.channelMultiplier, inChannels, ...this.ksize]);
    this.b?.initialize(inChannels * this.channelMultiplier);
  }
}
