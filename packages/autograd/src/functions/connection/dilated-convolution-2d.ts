import { convolution2d, type Convolution } from "./convolution-nd.js";

/**
 * Convolution whose kernel has gaps: {@link convolution2d} with `dilate`, under the name that Chainer gives it
 * (`dilated_convolution_2d`); Yu and Koltun, "Multi-Scale Context Aggregation by Dilated Convolutions", 2016.
 */
export const dilatedConvolution2d: Convolution<readonly [number, number]> = convolution2d;
