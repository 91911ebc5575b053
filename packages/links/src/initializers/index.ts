/** Chainer's initializers. */
export { Constant, Identity, NaNInitializer as NaN, One, Zero } from "./constant.js";
export type { RandomOptions } from "./draw.js";
export { getFans, type FanOption } from "./fans.js";
export { generateArray } from "./generate-array.js";
export { getInitializer } from "./get-initializer.js";
export { Initializer, type GenerateOptions, type InitializerLike, type InitializerOptions } from "./initializer.js";
export { GlorotNormal, HeNormal, LeCunNormal, Normal } from "./normal.js";
export type { ScaledOptions } from "./scaled-initializer.js";
export { Orthogonal, type OrthogonalMode } from "./orthogonal.js";
export { DownsamplingConvFilter, UpsamplingDeconvFilter, type SamplingOptions } from "./sampling.js";
export { GlorotUniform, HeUniform, LeCunUniform, Uniform } from "./uniform.js";
