export { bilinear } from "./bilinear.js";
export {
  convolution1d,
  convolution2d,
  convolution3d,
  convolutionNd,
  type Convolution,
  type ConvolutionOptions,
} from "./convolution-nd.js";
export {
  deconvolution1d,
  deconvolution2d,
  deconvolution3d,
  deconvolutionNd,
  type Deconvolution,
  type DeconvolutionOptions,
} from "./deconvolution-nd.js";
export {
  deformableConvolution2dSampler,
  type DeformableConvolution2dSamplerOptions,
} from "./deformable-convolution-2d-sampler.js";
export { depthwiseConvolution2d, type DepthwiseConvolution2dOptions } from "./depthwise-convolution-2d.js";
export { dilatedConvolution2d } from "./dilated-convolution-2d.js";
export { embedId, type EmbedIDOptions } from "./embed-id.js";
export { linear, type LinearOptions } from "./linear.js";
export { localConvolution2d, type LocalConvolution2dOptions } from "./local-convolution-2d.js";
export { shift, type ShiftOptions } from "./shift.js";
