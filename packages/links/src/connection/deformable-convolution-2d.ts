import type { Shape } from "@chain/array";
import { Parameter, type Variable, type VariableLike } from "@chain/autograd";
import { deformableConvolution2dSampler, type DeformableConvolution2dSamplerOptions } from "@chain/autograd/functions";
import { Chain } from "../chain.js";
import { getInitializer } from "../initializers/get-initializer.js";
import type { InitializerLike } from "../initializers/initializer.js";
import { Link } from "../link.js";
import { kernelShape } from "./convolution-arguments.js";
import { Convolution2D } from "./convolution-nd.js";
import type { LinearOptions } from "./linear.js";

type Pair = readonly [number, number];

/** Options of {@link DeformableConvolution2D}. */
export interface DeformableConvolution2DOptions extends DeformableConvolution2dSamplerOptions {
  /** Of the convolution that computes offsets: whether it has no bias, its first weights (`LeCunNormal`) and bias (0). */
  readonly offsetNobias?: boolean;
  readonly offsetInitialW?: InitializerLike | null;
  readonly offsetInitialBias?: InitializerLike | null;
  /** Of the bent convolution: whether it has no bias, its first weights (0) and bias (0). */
  readonly deformNobias?: boolean;
  readonly deformInitialW?: InitializerLike | null;
  readonly deformInitialBias?: InitializerLike | null;
}

/** The bent convolution, whose offsets come from elsewhere. */
class DeformableConvolution2DSampler extends Link {
  readonly outChannels: number;
  readonly ksize: Shape;
  readonly options: DeformableConvolution2dSamplerOptions;
  readonly W: Parameter;
  readonly b: Parameter | null;

  constructor(
    inChannels: number | null,
    outChannels: number,
    ksize: Shape,
    options: DeformableConvolution2dSamplerOptions & LinearOptions,
  ) {
    super();
    const { stride, pad, nobias = false, initialW, initialBias } = options;
    this.outChannels = outChannels;
    this.ksize = ksize;
    this.options = { stride, pad };
    const shape = inChannels === null ? null : [outChannels, inChannels, ...ksize];
    this.W = new Parameter(getInitializer(initialW ?? 0), { shape, name: "W" });
    this.b = nobias ? null : new Parameter(getInitializer(initialBias ?? 0), { shape: outChannels, name: "b" });
  }

  override forward(x: VariableLike, offset: VariableLike): Variable {
    if (!this.W.isInitialized) this.W.initialize([this.outChannels, x.shape[1] as number, ...this.ksize]);
    return deformableConvolution2dSampler(x, offset, this.W, this.b, this.options);
  }
}

/**
 * Convolution whose windows are bent by offsets that another convolution computes from the same input (Chainer's
 * `DeformableConvolution2D`; Dai et al. 2017).
 *
 * With `inChannels` null, it is taken from the first input.
 */
export class DeformableConvolution2D extends Chain {
  readonly offset_conv: Convolution2D;
  readonly deform_conv: DeformableConvolution2DSampler;

  constructor(
    inChannels: number | null,
    outChannels: number,
    ksize: number | Pair,
    options: DeformableConvolution2DOptions = {},
  ) {
    super();
    const { stride = 1, pad = 0 } = options;
    const kernel = kernelShape("DeformableConvolution2D", ksize, 2);
    const [tall, wide] = kernel as Pair;
    this.offset_conv = new Convolution2D(inChannels, 2 * tall * wide, [tall, wide], {
      stride,
      pad,
      nobias: options.offsetNobias,
      initialW: options.offsetInitialW,
      initialBias: options.offsetInitialBias,
    });
    this.deform_conv = new DeformableConvolution2DSampler(inChannels, outChannels, kernel, {
      stride,
      pad,
      nobias: options.deformNobias,
      initialW: options.deformInitialW,
      initialBias: options.deformInitialBias,
    });
  }

  /** `x` has shape (batch, inChannels, height, width), the result (batch, outChannels, out height, out width). */
  override forward(x: VariableLike): Variable {
    return this.deform_conv.forward(x, this.offset_conv.forward(x));
  }
}
