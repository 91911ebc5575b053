import { ValueError } from "@chain/array";
import { expectFloating, expectNdim, expectThat } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { concat } from "../array/concat.js";
import { reshape } from "../array/reshape.js";
import { maxPooling2d } from "./max-pooling.js";

/** Options of {@link spatialPyramidPooling2d}. */
export interface SpatialPyramidPooling2dOptions {
  /** How each bin is pooled: "max", the only way and the default. */
  readonly pooling?: "max";
}

/**
 * Pools images of any size to vectors of one length: divides them into 1 × 1, 2 × 2, 4 × 4, … bins and takes the largest
 * element of each.
 *
 * Follows Chainer's `spatial_pyramid_pooling_2d`; He et al., "Spatial Pyramid Pooling in Deep Convolutional Networks for
 * Visual Recognition", 2014.
 *
 * @param x - Shape `(batch, channels, height, width)`, floating.
 * @param pyramidHeight - Number of divisions, from 1 up.
 * @returns Shape `(batch, channels · (4^pyramidHeight - 1) / 3, 1, 1)`, dtype of `x`.
 * @throws InvalidType if `x` is not floating, has not four axes or is smaller than its bins are many, ValueError for values that make no sense.
 */
export function spatialPyramidPooling2d(
  x: VariableLike,
  pyramidHeight: number,
  { pooling = "max" }: SpatialPyramidPooling2dOptions = {},
): Variable {
  const label = "spatialPyramidPooling2d";
  if (pooling !== "max") throw new ValueError(`${label}: pooling is "max", got ${JSON.stringify(pooling)}`);
  if (!Number.isInteger(pyramidHeight) || pyramidHeight < 1) {
    throw new ValueError(`${label}: pyramidHeight is a whole number from 1 up, got ${pyramidHeight}`);
  }
  const array = asArray(x);
  expectFloating(label, "x", array);
  expectNdim(label, "x", array, 4);
  const [batch, channels, height, width] = array.shape as readonly [number, number, number, number];
  const levels = Array.from({ length: pyramidHeight }, (_, level) => {
    const bins = 2 ** level;
    const ksize = [Math.ceil(height / bins), Math.ceil(width / bins)] as const;
    const pad = [Math.floor((bins * ksize[0] - height) / 2), Math.floor((bins * ksize[1] - width) / 2)] as const;
    const pooled = maxPooling2d(x, ksize, { pad });
    const fits = pooled.shape[2] === bins && pooled.shape[3] === bins;
    expectThat(label, fits, `images of at least ${bins} × ${bins}`, `${height} × ${width}`);
    return reshape(pooled, [batch, channels * bins * bins, 1, 1]);
  });
  return concat(levels);
}
