import { getConvOutsize, type Shape } from "@chain/array";
import { Parameter, type Variable, type VariableLike } from "@chain/autograd";
import { localConvolution2d, type LocalConvolution2dOptions } from "@chain/autograd/functions";
import { getInitializer } from "../initializers/get-initializer.js";
import { Link } from "../link.js";
import { kernelShape } from "./convolution-arguments.js";
import type { LinearOptions } from "./linear.js";

/** Options of {@link LocalConvolution2D}. */
export interface LocalConvolution2DOptions extends LocalConvolution2dOptions, LinearOptions {}

/**
 * A convolution that has another kernel at every place (Chainer's `LocalConvolution2D`): `W` has shape (outChannels,
 * out height, out width, inChannels, …ksize), `b` (outChannels, out height, out width).
 *
 * With `inChannels` or `inSize`, the height and width of an image, null, both are taken from the first input.
 */
export class LocalConvolution2D extends Link {
  readonly outChannels: number;
  readonly ksize: Shape;
  readonly stride: number | readonly [number, number];
  readonly W: Parameter;
  readonly b: Parameter | null;

  constructor(
    inChannels: number | null,
    outChannels: number,
    inSize: number | readonly [number, number] | null,
    ksize: number | readonly [number, number],
    options: LocalConvolution2DOptions = {},
  ) {
    super();
    const { stride = 1, nobias = false, initialW, initialBias } = options;
    this.outChannels = outChannels;
    this.ksize = kernelShape("LocalConvolution2D", ksize, 2);
    this.stride = stride;
    this.W = new Parameter(getInitializer(initialW), { name: "W" });
    this.b = nobias ? null : new Parameter(getInitializer(initialBias ?? 0), { name: "b" });
    if (inChannels !== null && inSize !== null) {
      this.makeParams(inChannels, typeof inSize === "number" ? [inSize, inSize] : inSize);
    }
  }

  /** `x` has shape (batch, inChannels, height, width), the result (batch, outChannels, out height, out width). */
  override forward(x: VariableLike): Variable {
    if (!this.W.isInitialized) this.initializeParams(x);
    return localConvolution2d(x, this.W, this.b, { stride: this.stride });
  }

  /** Makes the parameters for inputs like `x`; running the link does it by itself. */
  initializeParams(x: VariableLike): void {
    this.makeParams(x.shape[1] as number, x.shape.slice(2));
  }

  private makeParams(inChannels: number, inSize: Shape): void {
    const { outChannels, ksize, stride } = this;
    const places = inSize.map((length, i) =>
      getConvOutsize(length, ksize[i] as number, typeof stride === "number" ? stride : (stride[i] as number), 0),
    );
    this.W.initialize([outChannels, ...places, inChannels, ...ksize]);
    this.b?.initialize([outChannels, ...places]);
  }
}
