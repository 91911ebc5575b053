export { convolution, type ConvolutionOptions } from "./convolution.js";
export { convolutionGradInput } from "./grad-input.js";
export { convolutionGradWeight } from "./grad-weight.js";
export { convolutionGeometry, type AxisSizes, type WindowOptions } from "./geometry.js";
export { getConvOutsize, getDeconvOutsize, type OutsizeOptions } from "./outsize.js";
