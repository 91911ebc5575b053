export { dropout, type DropoutOptions, type DropoutWithMask } from "./dropout.js";
export { gaussian, type GaussianOptions, type GaussianWithEps } from "./gaussian.js";
export { gumbelSoftmax, type GumbelSoftmaxOptions } from "./gumbel-softmax.js";
export { simplifiedDropconnect, type SimplifiedDropconnectOptions } from "./simplified-dropconnect.js";
export { zoneout, type ZoneoutOptions } from "./zoneout.js";
