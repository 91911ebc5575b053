import { arange, astype, ValueError, zeros, type NdArray } from "@chain/array";
import {
  abs,
  add,
  div,
  ge,
  le,
  logicalAnd,
  lt,
  max,
  min,
  mul,
  reduction,
  sub,
  where,
  type Expr,
} from "@chain/array/kernel";
import type { Variable, VariableLike } from "../../variable.js";
import { getItem } from "../array/get-item.js";
import { reshape } from "../array/reshape.js";
import { where as choose } from "../array/where.js";
import { linearInterpolate } from "../math/linear-interpolate.js";
import { checkRegions, type Regions } from "./roi-arguments.js";
import { weightedSums } from "./roi-average.js";
import { largestPoints } from "./roi-maxima.js";
import { regionSamples, type RegionSamples } from "./roi-samples.js";
import type { PerAxis } from "./windows.js";

/** Options of {@link roiAverageAlign2d} and {@link roiMaxAlign2d}. */
export interface RoiAlign2dOptions {
  /**
   * Number of points in a bin along both axes, or along each. By default (null) as many as a bin has pixels, rounded up: on
   * devices that cannot be read at once, {@link roiMaxAlign2d} is slow without a number.
   */
  readonly samplingRatio?: number | null | readonly [number | null, number | null];
}

/** How much of each pixel there is in the mean of a bin's points. */
const shares = reduction("roiAverageAlign-shares", {
  map: (start: Expr, step: Expr, first: Expr, count: Expr, nth: Expr, pixel: Expr, length: Expr) => {
    const number = add(first, nth);
    const point = add(start, mul(add(number, 0.5), step));
    const inside = logicalAnd(logicalAnd(ge(point, -1), le(point, length)), lt(number, count));
    const clipped = min(max(point, 0), sub(length, 1));
    return where(inside, div(max(sub(1, abs(sub(clipped, pixel))), 0), count), 0);
  },
  combine: add,
  identity: 0,
});

/**
 * The mean of points, between pixels linearly, in each of `outsize` bins of regions of interest, whose corners are not
 * rounded. Points outside of an image, by more than a pixel, count as 0.
 *
 * Follows Chainer's `roi_average_align_2d`; He et al., "Mask R-CNN", 2017.
 *
 * @param x - Shape `(batch, channels, height, width)`, floating.
 * @param rois - Shape `(regions, 4)`, dtype of `x`: y min, x min, y max, x max. It has no gradient.
 * @param roiIndices - Shape `(regions,)`, integer: which image each region lies in.
 * @param outsize - Number of bins along both axes, or along each.
 * @param spatialScale - By what coordinates are multiplied to get pixels of `x`.
 * @returns Shape `(regions, channels, bins, bins)`.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError for sizes that make no sense, IndexError for an image that
 *   is not there (on devices that can be read at once; others take the nearest).
 */
export function roiAverageAlign2d(
  x: VariableLike,
  rois: VariableLike,
  roiIndices: VariableLike,
  outsize: PerAxis,
  spatialScale: number,
  options: RoiAlign2dOptions = {},
): Variable {
  const label = "roiAverageAlign2d";
  const regions = checkRegions(label, x, rois, roiIndices, outsize, spatialScale);
  const [rows, columns] = samples(label, regions, options);
  const sharesOf = ({ start, step, first, count, most }: RegionSamples, length: number): NdArray => {
    const { dtype, device } = start;
    const [nth, pixel] = [arange(most, { dtype, device }).reshape(most, 1), arange(length, { dtype, device })];
    const [a, b, c, d] = [start, step, first, count].map((perBin) => perBin.reshape(...perBin.shape, 1, 1));
    return shares(a as NdArray, b as NdArray, c as NdArray, d as NdArray, nth, pixel, length, { axis: 2 });
  };
  const { vertical, horizontal } = regions;
  return weightedSums(x, regions, sharesOf(rows, vertical.length), sharesOf(columns, horizontal.length));
}

/**
 * The largest of the points, between pixels linearly, in each of `outsize` bins of regions of interest, whose corners are not
 * rounded. A bin whose points are all outside of the image, by more than a pixel, gives 0.
 *
 * Follows Chainer's `roi_max_align_2d`. Arguments, result and errors are those of {@link roiAverageAlign2d}.
 */
export function roiMaxAlign2d(
  x: VariableLike,
  rois: VariableLike,
  roiIndices: VariableLike,
  outsize: PerAxis,
  spatialScale: number,
  options: RoiAlign2dOptions = {},
): Variable {
  const label = "roiMaxAlign2d";
  const regions = checkRegions(label, x, rois, roiIndices, outsize, spatialScale);
  const { corners, down, across, exists } = largestPoints(regions, ...samples(label, regions, options));
  const { dtype } = regions.x;
  const pixels = reshape(x, [-1]);
  const [aboveLeft, aboveRight, belowLeft, belowRight] = corners;
  const between = (left: NdArray, right: NdArray): Variable =>
    linearInterpolate(astype(across, dtype), getItem(pixels, [right]), getItem(pixels, [left]));
  const y = linearInterpolate(astype(down, dtype), between(belowLeft, belowRight), between(aboveLeft, aboveRight));
  return choose(exists, y, zeros([], { dtype, device: y.device }));
}

function samples(
  label: string,
  { vertical, horizontal, scale }: Regions,
  { samplingRatio = null }: RoiAlign2dOptions,
): [RegionSamples, RegionSamples] {
  const ratios =
    typeof samplingRatio === "number" || samplingRatio === null ? [samplingRatio, samplingRatio] : samplingRatio;
  const [down, across] = ratios as readonly [number | null, number | null];
  for (const ratio of [down, across]) {
    if (ratio === null || (Number.isInteger(ratio) && ratio >= 1)) continue;
    throw new ValueError(`${label}: samplingRatio is a whole number from 1 up, or null, got ${ratio}`);
  }
  return [regionSamples(vertical, scale, down), regionSamples(horizontal, scale, across)];
}
