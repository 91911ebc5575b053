/** What the functions that pool regions of interest are given, checked. */
import { arange, astype, getItem, slice, take, ValueError, type NdArray } from "@chain/array";
import { expectEqual, expectFloating, expectInteger, expectNdim, expectSameDtype } from "../../type-check.js";
import { asArray, type VariableLike } from "../../variable.js";
import { sizesOf, type PerAxis } from "./windows.js";

/** Where regions begin and end along one axis of an image of `length` pixels, each a column of shape `(regions,)`. */
export interface RegionEdges {
  readonly low: NdArray;
  readonly high: NdArray;
  readonly length: number;
  /** Number of bins that a region is divided into. */
  readonly bins: number;
}

/** Regions of images. */
export interface Regions {
  readonly x: NdArray;
  /** Which image each region lies in, from 0 up, shape `(regions,)`. */
  readonly images: NdArray;
  readonly vertical: RegionEdges;
  readonly horizontal: RegionEdges;
  /** By what coordinates are multiplied to get pixels of `x`. */
  readonly scale: number;
}

/** Checks regions given as rows `(y min, x min, y max, x max)`, and the numbers of their images. */
export function checkRegions(
  label: string,
  x: VariableLike,
  rois: VariableLike,
  roiIndices: VariableLike,
  outsize: PerAxis,
  spatialScale: number,
): Regions {
  const [regions, images] = [asArray(rois), asArray(roiIndices)];
  expectNdim(label, "rois", regions, 2);
  expectEqual(label, "rois.shape[1]", regions.shape[1] as number, "4", 4);
  expectInteger(label, "roiIndices", images);
  expectNdim(label, "roiIndices", images, 1);
  expectEqual(label, "rois.shape[0]", regions.shape[0] as number, "roiIndices.shape[0]", images.size);
  return regionsOf(label, x, regions, images, [0, 1, 2, 3], sizesOf(label, "outsize", outsize, 2, 1), spatialScale);
}

/** Regions whose columns `[y min, x min, y max, x max]` are those of `rois`. */
export function regionsOf(
  label: string,
  x: VariableLike,
  rois: NdArray,
  images: NdArray,
  columns: readonly [number, number, number, number],
  outsize: readonly number[],
  spatialScale: number,
): Regions {
  const array = asArray(x);
  expectFloating(label, "x", array);
  expectNdim(label, "x", array, 4);
  expectSameDtype(label, "x", array, "rois", rois);
  if (!(spatialScale > 0)) throw new ValueError(`${label}: spatialScale must be above 0, got ${spatialScale}`);
  // A half has too few digits to say where between two pixels a point is.
  const dtype = rois.dtype === "float16" ? "float32" : rois.dtype;
  const column = (k: 0 | 1 | 2 | 3): NdArray => astype(getItem(rois, [slice(), columns[k]]), dtype, { copy: false });
  const [bins, across] = outsize as [number, number];
  const [height, width] = array.shape.slice(2) as [number, number];
  return {
    x: array,
    images: take(arange(array.shape[0] as number, { dtype: "int32", device: array.device }), images),
    vertical: { low: column(0), high: column(2), length: height, bins },
    horizontal: { low: column(1), high: column(3), length: width, bins: across },
    scale: spatialScale,
  };
}
