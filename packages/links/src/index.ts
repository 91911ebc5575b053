/** Models made of links: parameters, the layers that use them, initializers, serializers, and the reporter. */
export { Maxout, type MaxoutOptions } from "./activation/maxout.js";
export { PReLU } from "./activation/prelu.js";
export { Swish } from "./activation/swish.js";
export { Chain } from "./chain.js";
export { Bias, type BiasOptions } from "./connection/bias.js";
export { Bilinear, type BilinearOptions } from "./connection/bilinear.js";
export {
  Convolution1D,
  Convolution2D,
  Convolution3D,
  ConvolutionND,
  DilatedConvolution2D,
  type ConvolutionNDOptions,
  type DilatedConvolution2DOptions,
} from "./connection/convolution-nd.js";
export type { ConvolutionArguments } from "./connection/convolution-arguments.js";
export {
  Deconvolution1D,
  Deconvolution2D,
  Deconvolution3D,
  DeconvolutionND,
  type DeconvolutionNDOptions,
} from "./connection/deconvolution-nd.js";
export {
  DeformableConvolution2D,
  type DeformableConvolution2DOptions,
} from "./connection/deformable-convolution-2d.js";
export { DepthwiseConvolution2D, type DepthwiseConvolution2DOptions } from "./connection/depthwise-convolution-2d.js";
export { EmbedID, type EmbedIDOptions } from "./connection/embed-id.js";
export { Highway, type HighwayOptions } from "./connection/highway.js";
export { Inception, type InceptionOptions } from "./connection/inception.js";
export { InceptionBN, type InceptionBNOptions } from "./connection/inception-bn.js";
export { Linear, type LinearOptions } from "./connection/linear.js";
export { LocalConvolution2D, type LocalConvolution2DOptions } from "./connection/local-convolution-2d.js";
export { MLPConvolution2D, type MLPConvolution2DOptions } from "./connection/mlp-convolution-2d.js";
export { ParameterLink as Parameter } from "./connection/parameter.js";
export { Scale, type ScaleOptions } from "./connection/scale.js";
export type { CopyMode } from "./copy-value.js";
export { SpectralNormalization, type SpectralNormalizationOptions } from "./hooks/spectral-normalization.js";
export { TimerHook, type LinkTimes } from "./hooks/timer-hook.js";
export { WeightStandardization, type WeightStandardizationOptions } from "./hooks/weight-standardization.js";
export * as initializers from "./initializers/index.js";
export { LinkHook, type LinkForwardArgs, type LinkForwardResult } from "./link-hook.js";
export { ChainList } from "./link-list.js";
export { Link, type LinksOptions, type NewParamOptions, type ParamsOptions } from "./link.js";
export { Classifier, type ClassifierOptions, type LabelFunction } from "./model/classifier.js";
export * from "./normalization/index.js";
export * from "./reporter/index.js";
export * from "./rnn/index.js";
export { Sequential, type Layer } from "./sequential.js";
