/** Bins of regions as points between pixels, at which images are interpolated linearly. */
import { arange, fullLike, isReadable, max as maxOf, type NdArray } from "@chain/array";
import { add, ceil, div, elementwise, max, mul, sub } from "@chain/array/kernel";
import type { RegionEdges } from "./roi-arguments.js";

/** The points of each bin along one axis: `start + (k + 1/2) · step` for the whole numbers `k` from `first` to `count - 1`. */
export interface RegionSamples {
  /** Where bins start, shape `(regions, bins)`, as the others. */
  readonly start: NdArray;
  readonly step: NdArray;
  /** Points before this one lie outside of the image. */
  readonly first: NdArray;
  readonly count: NdArray;
  /** No bin has more points in the image than these. */
  readonly most: number;
}

const binSizes = elementwise("roiAlign-bins", { scalars: ["scale", "bins"] }, (low, high, { scale, bins }) =>
  div(max(mul(sub(high, low), scale), 1), bins),
);
const wholePixels = elementwise("roiAlign-pixels", (size) => ceil(size));
const points = elementwise("roiAlign-points", { scalars: ["scale"] }, (low, size, count, bin, { scale }) => {
  const start = add(mul(low, scale), mul(bin, size));
  const step = div(size, count);
  return [start, step, max(sub(ceil(div(sub(-1, start), step)), 1), 0)];
});

/**
 * `ratio` points a bin or, where that is null, one for every pixel that a bin is long, rounded up. A region is at least a
 * pixel long.
 */
export function regionSamples(
  { low, high, length, bins }: RegionEdges,
  scale: number,
  ratio: number | null,
): RegionSamples {
  const column = [low.size, 1];
  const size = binSizes(low.reshape(column), high.reshape(column), { scale, bins });
  const count = ratio === null ? wholePixels(size) : fullLike(size, ratio);
  const bin = arange(bins, { dtype: low.dtype, device: low.device });
  const [start, step, first] = points(low.reshape(column), size, count, bin, { scale });
  return { start, step, first, count, most: ratio ?? mostPoints(count, length) };
}

/** Points that are half a pixel or more apart: so many lie in an image, and some more that rounding may add. */
function mostPoints(count: NdArray, length: number): number {
  const inImage = 2 * length + 5;
  if (count.size === 0) return 0;
  return isReadable(count) ? Math.min(inImage, maxOf(count).itemSync()) : inImage;
}
