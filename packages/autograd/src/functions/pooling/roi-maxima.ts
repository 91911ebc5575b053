/**
 * Where regions of images are largest. Kernels look at one place of every bin at a time. Places in images are positions in
 * the flattened `x`, int32.
 */
import { arange, full, isReadable, max as maxOf, scope, type NdArray } from "@chain/array";
import {
  add,
  cast,
  castLike,
  elementwise,
  floor,
  fmod,
  ge,
  gt,
  idiv,
  isnan,
  le,
  logicalAnd,
  logicalNot,
  logicalOr,
  lt,
  max,
  min,
  mul,
  sub,
  where,
  type Expr,
} from "@chain/array/kernel";
import type { Regions } from "./roi-arguments.js";
import type { RegionSamples } from "./roi-samples.js";
import type { RegionWindows } from "./roi-windows.js";

const whole = (x: Expr): Expr => cast(x, "int32");

/** The largest number wins, of equal ones the first; a NaN is larger than anything. */
const better = (value: Expr, best: Expr): Expr =>
  logicalOr(gt(value, best), logicalAnd(isnan(value), logicalNot(isnan(best))));

const firstPixels = elementwise("roiPooling-first", { uints: ["width"] }, (plane, top, left, { width }) =>
  add(add(plane, mul(top, whole(width))), left),
);
const searchPixel = elementwise(
  "roiPooling-max",
  { uints: ["down", "across", "width"], buffers: ["x"] },
  (best, found, first, height, wide, { down, across, width, x }) => {
    const inside = logicalAnd(lt(whole(down), height), lt(whole(across), wide));
    const place = add(add(first, mul(whole(down), whole(width))), whole(across));
    const value = x.at(where(inside, place, 0));
    const wins = logicalAnd(inside, logicalOr(lt(found, 0), better(value, best)));
    return [where(wins, value, best), where(wins, place, found)];
  },
);
const differences = elementwise("roiPooling-lengths", (start, end) => sub(end, start));

/** Where the largest pixel of every bin is, shape `(regions, channels, bins, bins)`; -1 for bins without pixels. */
export function largestPixels(regions: Regions, rows: RegionWindows, columns: RegionWindows): NdArray {
  const { x } = regions;
  return scope(() => {
    const [height, width] = x.shape.slice(2) as [number, number];
    const [down, across] = [alongRows, alongColumns];
    const lengths = [down(differences(rows.start, rows.end)), across(differences(columns.start, columns.end))] as const;
    const first = firstPixels(planes(regions), down(rows.start), across(columns.start), { width });
    const { dtype, device } = x;
    const found = full(first.shape, -1, { dtype: "int32", device });
    const state = [full(first.shape, 0, { dtype, device }), found] as const;
    const most = [longest(lengths[0], height), longest(lengths[1], width)] as const;
    const pixels = x.reshape(-1);
    for (let v = 0; v < most[0]; v++) {
      for (let u = 0; u < most[1]; u++) {
        searchPixel.into(state, ...state, first, ...lengths, { down: v, across: u, width, x: pixels });
      }
    }
    return found;
  });
}

/** How long the longest bin is, or may be where that cannot be known at once. */
function longest(lengths: NdArray, bound: number): number {
  if (lengths.size === 0) return 0;
  return isReadable(lengths) ? maxOf(lengths).itemSync() : bound;
}

const planeStarts = elementwise("roi-planes", { uints: ["channels", "size"] }, (image, channel, { channels, size }) =>
  mul(add(mul(image, whole(channels)), channel), whole(size)),
);

/** Where the image of every region and channel begins, shape `(regions, channels, 1, 1)`. */
function planes({ x, images }: Regions): NdArray {
  const [, channels, height, width] = x.shape as readonly [number, number, number, number];
  const channel = arange(channels, { dtype: "int32", device: x.device }).reshape(channels, 1, 1);
  return planeStarts(images.reshape(images.size, 1, 1, 1), channel, { channels, size: height * width });
}

function alongRows(perBin: NdArray): NdArray {
  const [regions, bins] = perBin.shape as readonly [number, number];
  return perBin.reshape(regions, 1, bins, 1);
}

function alongColumns(perBin: NdArray): NdArray {
  const [regions, bins] = perBin.shape as readonly [number, number];
  return perBin.reshape(regions, 1, 1, bins);
}

/** The two pixels that a point lies between along an axis of `length` pixels, and how far it is from the first to the second. */
function neighbours(point: Expr, length: Expr): { readonly low: Expr; readonly high: Expr; readonly share: Expr } {
  const last = sub(whole(length), 1);
  const clipped = min(max(point, 0), castLike(last, point));
  const low = min(whole(floor(clipped)), last);
  return { low, high: min(add(low, 1), last), share: sub(clipped, castLike(low, point)) };
}

const pointAt = (start: Expr, step: Expr, number: Expr): Expr => add(start, mul(add(number, 0.5), step));

/** Points of every bin along an axis; NaN where there is none, or it is outside of the image. */
const nthPoints = elementwise(
  "roiAlign-points-nth",
  { uints: ["nth", "length"] },
  (start, step, first, count, { nth, length }) => {
    const number = add(first, castLike(nth, start));
    const point = pointAt(start, step, number);
    const inside = logicalAnd(logicalAnd(ge(point, -1), le(point, castLike(length, start))), lt(number, count));
    return where(inside, point, NaN);
  },
);
const searchPoint = elementwise(
  "roiAlign-max",
  { uints: ["number", "height", "width"], buffers: ["x"] },
  (best, found, plane, down, across, { number, height, width, x }) => {
    const inside = logicalNot(logicalOr(isnan(down), isnan(across)));
    const [v, u] = [neighbours(where(inside, down, 0), height), neighbours(where(inside, across, 0), width)];
    const at = (row: Expr, column: Expr): Expr => x.at(add(plane, add(mul(row, whole(width)), column)));
    const between = (a: Expr, b: Expr, share: Expr): Expr => add(a, mul(sub(b, a), share));
    const above = between(at(v.low, u.low), at(v.low, u.high), u.share);
    const below = between(at(v.high, u.low), at(v.high, u.high), u.share);
    const value = between(above, below, v.share);
    const wins = logicalAnd(inside, logicalOr(lt(found, 0), better(value, best)));
    return [where(wins, value, best), where(wins, whole(number), found)];
  },
);

/** The largest points of every bin, arrays of shape `(regions, channels, bins, bins)`. */
export interface LargestPoints {
  /** Places of the four pixels around: above left, above right, below left, below right. */
  readonly corners: readonly [NdArray, NdArray, NdArray, NdArray];
  /** How far a point is from the upper pixels to the lower ones, and from the left ones to the right ones. */
  readonly down: NdArray;
  readonly across: NdArray;
  /** Whether a bin has any point. */
  readonly exists: NdArray;
}

const aroundPoint = elementwise(
  "roiAlign-around",
  { uints: ["length", "every", "most"] },
  (found, start, step, first, { length, every, most }) => {
    const nth = fmod(idiv(max(found, 0), whole(every)), whole(most));
    const { low, high, share } = neighbours(pointAt(start, step, add(first, castLike(nth, start))), length);
    return [low, high, share];
  },
);
const placeOf = elementwise("roiAlign-place", { uints: ["width"] }, (plane, row, column, { width }) =>
  add(plane, add(mul(row, whole(width)), column)),
);
const isPlace = elementwise("roiAlign-exists", (found) => ge(found, 0));

/** Where images, interpolated between pixels, are largest among the points of every bin. */
export function largestPoints(regions: Regions, rows: RegionSamples, columns: RegionSamples): LargestPoints {
  const { x } = regions;
  const [height, width] = x.shape.slice(2) as [number, number];
  const [corners, down, across, exists] = scope(() => {
    const plane = planes(regions);
    const shape = [plane.shape[0], plane.shape[1], rows.start.shape[1], columns.start.shape[1]] as number[];
    const { dtype, device } = x;
    const state = [full(shape, 0, { dtype, device }), full(shape, -1, { dtype: "int32", device })] as const;
    const pixels = x.reshape(-1);
    const nth = ({ start, step, first, count }: RegionSamples, k: number, length: number): NdArray =>
      nthPoints(start, step, first, count, { nth: k, length });
    for (let v = 0; v < rows.most; v++) {
      const vertical = alongRows(nth(rows, v, height));
      for (let u = 0; u < columns.most; u++) {
        const horizontal = alongColumns(nth(columns, u, width));
        const numbers = { number: v * columns.most + u, height, width, x: pixels };
        searchPoint.into(state, ...state, plane, vertical, horizontal, numbers);
      }
    }
    const found = state[1];
    const around = (
      { start, step, first, most }: RegionSamples,
      along: typeof alongRows,
      every: number,
      length: number,
    ) => aroundPoint(found, along(start), along(step), along(first), { length, every, most });
    const [top, bottom, downwards] = around(rows, alongRows, columns.most, height);
    const [left, right, sideways] = around(columns, alongColumns, 1, width);
    const place = (row: NdArray, column: NdArray): NdArray => placeOf(plane, row, column, { width });
    const places = [place(top, left), place(top, right), place(bottom, left), place(bottom, right)] as const;
    return [places, downwards, sideways, isPlace(found)] as const;
  });
  return { corners, down, across, exists };
}
