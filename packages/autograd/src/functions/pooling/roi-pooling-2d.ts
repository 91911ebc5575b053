import { arange, getItem, slice, zeros, type NdArray } from "@chain/array";
import { cast, castLike, div, elementwise, ge, logicalAnd, lt, sub, where } from "@chain/array/kernel";
import { expectEqual, expectNdim } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { getItem as getElements } from "../array/get-item.js";
import { reshape } from "../array/reshape.js";
import { where as choose } from "../array/where.js";
import { checkRegions, regionsOf, type Regions } from "./roi-arguments.js";
import { weightedSums } from "./roi-average.js";
import { largestPixels } from "./roi-maxima.js";
import { regionWindows, type RegionWindows } from "./roi-windows.js";
import { sizesOf, type PerAxis } from "./windows.js";

const isPlace = elementwise("roiPooling-exists", (place) => ge(place, 0));
const notBefore = elementwise("roiPooling-places", (place) => where(ge(place, 0), place, 0));
const imageNumbers = elementwise("roiPooling-images", (number) => cast(number, "int32"));
const shares = elementwise("roiAveragePooling-shares", (start, end, pixel, like) =>
  where(
    logicalAnd(ge(pixel, start), lt(pixel, end)),
    div(castLike(1, like), castLike(sub(end, start), like)),
    castLike(0, like),
  ),
);

/**
 * The largest pixel in each of `outh` × `outw` bins of regions of interest. Corners are rounded to pixels, and the last ones
 * belong to a region.
 *
 * Follows Chainer's `roi_pooling_2d`; Girshick, "Fast R-CNN", 2015.
 *
 * @param x - Shape `(batch, channels, height, width)`, floating.
 * @param rois - Shape `(regions, 5)`, dtype of `x`: number of the image, x min, y min, x max, y max. It has no gradient.
 * @param spatialScale - By what coordinates are multiplied to get pixels of `x`.
 * @returns Shape `(regions, channels, outh, outw)`; 0 for bins outside of the image.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError for sizes that make no sense, IndexError for an image that
 *   is not there (on devices that can be read at once; others take the nearest).
 */
export function roiPooling2d(
  x: VariableLike,
  rois: VariableLike,
  outh: number,
  outw: number,
  spatialScale: number,
): Variable {
  const label = "roiPooling2d";
  const array = asArray(rois);
  expectNdim(label, "rois", array, 2);
  expectEqual(label, "rois.shape[1]", array.shape[1] as number, "5", 5);
  const outsize = [sizesOf(label, "outh", outh, 1, 1), sizesOf(label, "outw", outw, 1, 1)].flat();
  const images = imageNumbers(getItem(array, [slice(), 0]));
  return largest(x, regionsOf(label, x, array, images, [2, 1, 4, 3], outsize, spatialScale), true);
}

/**
 * The largest pixel in each of `outsize` bins of regions of interest. Corners are rounded to pixels.
 *
 * Follows Chainer's `roi_max_pooling_2d`; Girshick, "Fast R-CNN", 2015.
 *
 * @param x - Shape `(batch, channels, height, width)`, floating.
 * @param rois - Shape `(regions, 4)`, dtype of `x`: y min, x min, y max, x max. It has no gradient.
 * @param roiIndices - Shape `(regions,)`, integer: which image each region lies in.
 * @param outsize - Number of bins along both axes, or along each.
 * @param spatialScale - By what coordinates are multiplied to get pixels of `x`.
 * @returns Shape `(regions, channels, bins, bins)`; 0 for bins outside of the image.
 * @throws as {@link roiPooling2d}.
 */
export function roiMaxPooling2d(
  x: VariableLike,
  rois: VariableLike,
  roiIndices: VariableLike,
  outsize: PerAxis,
  spatialScale: number,
): Variable {
  return largest(x, checkRegions("roiMaxPooling2d", x, rois, roiIndices, outsize, spatialScale), false);
}

/**
 * The mean of the pixels in each of `outsize` bins of regions of interest. Corners are rounded to pixels.
 *
 * Follows Chainer's `roi_average_pooling_2d`. Arguments, result and errors are those of {@link roiMaxPooling2d}.
 */
export function roiAveragePooling2d(
  x: VariableLike,
  rois: VariableLike,
  roiIndices: VariableLike,
  outsize: PerAxis,
  spatialScale: number,
): Variable {
  const regions = checkRegions("roiAveragePooling2d", x, rois, roiIndices, outsize, spatialScale);
  const [rows, columns] = windows(regions, false);
  const sharesOf = ({ start, end }: RegionWindows, length: number): NdArray => {
    const pixel = arange(length, { dtype: "int32", device: start.device });
    const column = [...start.shape, 1];
    return shares(start.reshape(column), end.reshape(column), pixel, zeros([], regions.x));
  };
  const { vertical, horizontal } = regions;
  return weightedSums(x, regions, sharesOf(rows, vertical.length), sharesOf(columns, horizontal.length));
}

function windows({ vertical, horizontal, scale }: Regions, inclusive: boolean): [RegionWindows, RegionWindows] {
  return [regionWindows(vertical, scale, { inclusive }), regionWindows(horizontal, scale, { inclusive })];
}

function largest(x: VariableLike, regions: Regions, inclusive: boolean): Variable {
  const places = largestPixels(regions, ...windows(regions, inclusive));
  const { dtype, device } = regions.x;
  return choose(isPlace(places), getElements(reshape(x, [-1]), [notBefore(places)]), zeros([], { dtype, device }));
}
