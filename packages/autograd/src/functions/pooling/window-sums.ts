/**
 * Sums over windows, and their transpose: the same elements spread over the windows. Sums over boxes are sums along one axis
 * after another, so everything here goes along one axis. A strided view gives the elements that have the same place in every
 * window; a few such views are added up by one elementwise kernel, which every device has.
 */
import {
  asStrided,
  empty,
  expandDims,
  scope,
  spreadOverWindows,
  windowSums,
  type NdArray,
  type Shape,
} from "@chain/array";
import { add, elementwise, mul, reduction, type Expr } from "@chain/array/kernel";
import {
  elementsOfWindows,
  geometryOf,
  paddedLengths,
  stepped,
  unpadded,
  windowsOfElements,
  windowView,
  withLast,
  type Stretch,
} from "./window-views.js";
import type { Windows } from "./windows.js";

/** Views that one kernel adds up. */
const together = 4;
/** Windows of more elements than this are summed by a reduction. */
const few = 12;

/** `scale · (x0 + x1 + x2 + x3)`; numbers stand for views that there are none of. */
const first = elementwise("windowSum", (x0, x1, x2, x3, scale) => mul(add(add(x0, x1), add(x2, x3)), scale));
const more = elementwise("windowSum-more", (sum, x0, x1, x2, x3, scale) =>
  add(sum, mul(add(add(x0, x1), add(x2, x3)), scale)),
);
const many = reduction("windowSum-many", {
  map: (x: Expr, scale: Expr) => mul(x, scale),
  combine: add,
  identity: 0,
});
const scaled = elementwise("windowSum-spread", (x, scale) => mul(x, scale));

/** The sum of every window, times `scale`. */
export function sumWindows(x: NdArray, windows: readonly Windows[], scale: number): NdArray {
  const found = windowSums(
    x,
    windows.map(({ count }) => count),
    geometryOf(windows),
    scale,
  );
  if (found !== null) return found;
  const outer = x.ndim - windows.length;
  const scales = scalesOf(windows, scale);
  return scope(() => windows.reduce((sums, along, i) => sumAlong(sums, outer + i, along, scales[i] as number), x));
}

/** Adds every element of `gy`, times `scale`, to all of its window: the transpose of {@link sumWindows}. */
export function spreadWindows(gy: NdArray, windows: readonly Windows[], scale: number): NdArray {
  const found = spreadOverWindows(
    gy,
    windows.map(({ length }) => length),
    geometryOf(windows),
    scale,
  );
  if (found !== null) return found;
  const outer = gy.ndim - windows.length;
  const scales = scalesOf(windows, scale);
  return scope(() =>
    windows.reduceRight((sums, along, i) => spreadAlong(sums, outer + i, along, scales[i] as number), gy),
  );
}

/** The factor belongs to the whole window, and is used once, where the fewest elements are. */
function scalesOf(windows: readonly Windows[], scale: number): number[] {
  return windows.map((_, i) => (i === windows.length - 1 ? scale : 1));
}

function sumAlong(x: NdArray, axis: number, windows: Windows, scale: number): NdArray {
  if (isWhole(windows) && scale === 1) return x;
  const y = emptyWith(x, axis, windows.count);
  for (const stretch of elementsOfWindows(windows)) sumStretch(x, y, axis, stretch, scale);
  return y;
}

function spreadAlong(gy: NdArray, axis: number, windows: Windows, scale: number): NdArray {
  if (isWhole(windows) && scale === 1) return gy;
  const apart = windows.stride >= windows.size;
  if (apart && (windows.size > together || axis < gy.ndim - 1)) return spreadApart(gy, axis, windows, scale);
  const gx = emptyWith(gy, axis, windows.length);
  for (const stretch of windowsOfElements(windows)) sumStretch(gy, gx, axis, stretch, scale);
  return gx;
}

/** Whether every window is one element, and all are there. */
function isWhole({ size, stride, length, count }: Windows): boolean {
  return size === 1 && stride === 1 && length === count;
}

/** Windows that do not overlap: every element is written over its window. */
function spreadApart(gy: NdArray, axis: number, windows: Windows, scale: number): NdArray {
  const moved = [...Array(gy.ndim).keys()].filter((i) => i !== axis).concat(axis);
  const last = gy.transpose(moved);
  const [whole] = paddedLengths([windows]) as [number];
  const base = emptyWith(gy, axis, whole);
  const gx = base.transpose(moved);
  if (windows.count * windows.size < whole) base.fill(0);
  const view = windowView(gx, [windows]);
  scaled.into(view, expandDims(last, -1), scale);
  const back = moved.map((_, i) => moved.indexOf(i));
  return unpadded(gx, [windows]).transpose(back);
}

/** Writes a stretch of sums of elements of `x` into `y`. */
function sumStretch(x: NdArray, y: NdArray, axis: number, { out, taps }: Stretch, scale: number): void {
  const target = stepped(y, axis, [out]);
  const tap = (i: number): NdArray | number => {
    const from = taps[i]?.from;
    return from === undefined ? 0 : stepped(x, axis, [from]);
  };
  const [one, two] = taps;
  if (one === undefined) return void target.fill(0);
  if (two !== undefined && taps.length > few) {
    // All of them as an axis of their own.
    const base = stepped(x, axis, [one.from]);
    const between = (two.from.start - one.from.start) * (x.strides[axis] as number);
    const shape = [...base.shape.slice(0, axis + 1), taps.length, ...base.shape.slice(axis + 1)];
    const strides = [...base.strides.slice(0, axis + 1), between, ...base.strides.slice(axis + 1)];
    many.into(target, asStrided(base, shape, strides), scale, { axis: axis + 1 });
    return;
  }
  first.into(target, tap(0), tap(1), tap(2), tap(3), scale);
  for (let i = together; i < taps.length; i += together) {
    more.into(target, target, tap(i), tap(i + 1), tap(i + 2), tap(i + 3), scale);
  }
}

function emptyWith({ shape, dtype, device }: NdArray, axis: number, length: number): NdArray {
  const lengths: Shape = withLast(shape, [length, ...shape.slice(axis + 1)]);
  return empty(lengths, { dtype, device });
}
