/**
 * Maxima of windows, where they were, and the two linear maps that go with these places. A strided view gives the elements
 * that have the same place in every window; kernels, which every device has, compare a few such views at a time.
 */
import {
  arange,
  empty,
  max,
  putIntoWindows as putByRoutine,
  scope,
  windowMaxima,
  zeros,
  type NdArray,
} from "@chain/array";
import {
  add,
  cast,
  elementwise,
  eq,
  gt,
  index,
  isnan,
  logicalAnd,
  logicalNot,
  logicalOr,
  lt,
  mul,
  reduction,
  where,
  type Expr,
} from "@chain/array/kernel";
import {
  combinations,
  elementsOfWindows,
  geometryOf,
  padded,
  paddedLengths,
  stepped,
  unpadded,
  windowsOfElements,
  windowView,
  withLast,
  type Steps,
  type Stretch,
} from "./window-views.js";
import type { Windows } from "./windows.js";

/** Windows that are longer than this on some axis are searched by a reduction. */
const short = 8;

const searched = { uints: ["p0", "p1", "p2", "p3", "scale"] } as const;

/**
 * The largest of `best` and three others, the first of equals; a NaN is larger than anything. The place of each is its own,
 * on axes that have been searched, plus `scale` times its place on these.
 */
const search = elementwise("maxPooling", searched, (best, at, x1, at1, x2, at2, x3, at3, { p0, p1, p2, p3, scale }) => {
  const placeOf = (own: Expr, along: Expr): Expr =>
    add(cast(own, "int32"), mul(cast(scale, "int32"), cast(along, "int32")));
  let [value, place]: [Expr, Expr] = [best, placeOf(at, p0)];
  for (const [x, other] of [
    [x1, placeOf(at1, p1)],
    [x2, placeOf(at2, p2)],
    [x3, placeOf(at3, p3)],
  ] as const) {
    const better = logicalOr(gt(x, value), logicalAnd(isnan(x), logicalNot(isnan(value))));
    value = where(better, x, value);
    place = where(better, other, place);
  }
  return [value, place];
});

const searchMany = reduction("maxPooling-many", {
  map: (x: Expr) => [x, index],
  combine: ([a, i], [b, j]) => {
    const [x, at, y, other] = [a as Expr, i as Expr, b as Expr, j as Expr];
    const [xNaN, yNaN] = [isnan(x), isnan(y)];
    const better = logicalOr(gt(x, y), logicalAnd(xNaN, logicalNot(yNaN)));
    const same = logicalOr(eq(x, y), logicalAnd(xNaN, yNaN));
    const wins = logicalOr(better, logicalAnd(same, lt(at, other)));
    return [where(wins, x, y), where(wins, at, other)];
  },
  identity: [-Infinity, 2 ** 31 - 1],
  finish: ([, at]) => at as Expr,
});

/** `sum` and those of three elements that are at their places. */
const addFound = elementwise(
  "maxPooling-found",
  { uints: ["p0", "p1", "p2"] },
  (sum, x0, at0, x1, at1, x2, at2, { p0, p1, p2 }) => {
    const found = (x: Expr, at: Expr, place: Expr): Expr => where(eq(cast(at, "int32"), cast(place, "int32")), x, 0);
    return add(add(sum, found(x0, at0, p0)), add(found(x1, at1, p1), found(x2, at2, p2)));
  },
);
const addFoundMany = reduction("maxPooling-found-many", {
  map: (x: Expr, at: Expr) => where(eq(at, index), x, 0),
  combine: add,
  identity: 0,
});
const putFound = elementwise("maxPooling-put", (x, at, place) => where(eq(at, place), x, 0));

/** A maximum for every window, and its place: its position in the flattened window, int32. */
export function maxOfWindows(x: NdArray, windows: readonly Windows[]): { y: NdArray; places: NdArray } {
  const found = windowMaxima(
    x,
    windows.map(({ count }) => count),
    geometryOf(windows),
  );
  if (found !== null) return { y: found.values, places: found.places };
  const [y, places] = scope((): [NdArray, NdArray] => {
    if (windows.some(({ size }) => size > short)) {
      const view = windowView(padded(x, windows, -Infinity), windows);
      const axis = windows.map((_, i) => x.ndim + i);
      return [max(view, { axis }), searchMany(view, { axis })];
    }
    // From the last axis to the first, so that of equal elements the first in the window wins.
    let best: Maxima = { values: x, places: null };
    let end = windows.length;
    for (let scale = 1; end > 0;) {
      const together = end === windows.length && volume(windows.slice(-2)) <= 4 ? 2 : 1;
      const start = Math.max(0, end - together);
      const along = windows.slice(start, end);
      best = searchAlong(best, x.ndim - windows.length + start, along, scale);
      scale *= volume(along);
      end = start;
    }
    return [best.values, best.places as NdArray];
  });
  return { y, places };
}

/** Maxima along some axes, and their places in windows along these; null before the first search. */
interface Maxima {
  readonly values: NdArray;
  readonly places: NdArray | null;
}

function searchAlong({ values, places }: Maxima, axis: number, windows: readonly Windows[], scale: number): Maxima {
  const { dtype, device } = values;
  const after = values.shape.slice(axis + windows.length);
  const shape = withLast(values.shape, [...windows.map(({ count }) => count), ...after]);
  const [y, found] = [empty(shape, { dtype, device }), empty(shape, { dtype: "int32", device })];
  // A kernel takes no more than eight arrays.
  const others = places === null ? 3 : 2;
  eachStretch(windows, elementsOfWindows, (out, taps) => {
    const result: [NdArray, NdArray] = [stepped(y, axis, out), stepped(found, axis, out)];
    if (taps.length === 0) {
      result[0].fill(-Infinity);
      result[1].fill(0);
      return;
    }
    const valueOf = (tap: BoxTap | undefined) => (tap === undefined ? -Infinity : stepped(values, axis, tap.from));
    const ownOf = (tap: BoxTap | undefined) =>
      tap === undefined || places === null ? 0 : stepped(places, axis, tap.from);
    const run = (best: NdArray | number, at: NdArray | number, p0: number, [a, b, c]: readonly BoxTap[]): void => {
      const numbers = { p0, p1: a?.place ?? 0, p2: b?.place ?? 0, p3: c?.place ?? 0, scale };
      search.into(result, best, at, valueOf(a), ownOf(a), valueOf(b), ownOf(b), valueOf(c), ownOf(c), numbers);
    };
    const [head, ...rest] = taps;
    run(valueOf(head), ownOf(head), head?.place ?? 0, rest.slice(0, others));
    for (let i = others; i < rest.length; i += 2) run(...result, 0, rest.slice(i, i + 2));
  });
  return { values: y, places: found };
}

/** The element at its place in every window. */
export function pickFromWindows(x: NdArray, at: NdArray, windows: readonly Windows[]): NdArray {
  if (windows.some(({ size }) => size > short)) {
    return scope(() => {
      const view = windowView(padded(x, windows, 0), windows);
      const axis = windows.map((_, i) => x.ndim + i);
      return addFoundMany(view, at.reshape(...at.shape, ...windows.map(() => 1)), { axis });
    });
  }
  const y = empty(at.shape, { dtype: x.dtype, device: x.device });
  const axis = x.ndim - windows.length;
  eachStretch(windows, elementsOfWindows, (out, taps) => {
    const places = stepped(at, axis, out);
    addTaps(
      stepped(y, axis, out),
      taps.map(({ from, place }) => ({ x: stepped(x, axis, from), at: places, place })),
    );
  });
  return y;
}

/** Adds every element of `gy` at its place in its window: the transpose of {@link pickFromWindows}. */
export function putIntoWindows(gy: NdArray, at: NdArray, windows: readonly Windows[]): NdArray {
  const found = putByRoutine(
    gy,
    at,
    windows.map(({ length }) => length),
    geometryOf(windows),
  );
  if (found !== null) return found;
  const apart = windows.every(({ size, stride }) => stride >= size);
  if (apart && windows.some(({ size }) => size > short)) return putApart(gy, at, windows);
  const shape = withLast(
    gy.shape,
    windows.map(({ length }) => length),
  );
  const gx = empty(shape, { dtype: gy.dtype, device: gy.device });
  const axis = gy.ndim - windows.length;
  eachStretch(windows, windowsOfElements, (out, taps) =>
    addTaps(
      stepped(gx, axis, out),
      taps.map(({ from, place }) => ({ x: stepped(gy, axis, from), at: stepped(at, axis, from), place })),
    ),
  );
  return gx;
}

/** The same for long windows that do not overlap: one pass over them. */
function putApart(gy: NdArray, at: NdArray, windows: readonly Windows[]): NdArray {
  const { dtype, device, ndim } = gy;
  return scope(() => {
    const lengths = paddedLengths(windows);
    const exact = windows.every(({ count, size }, i) => count * size === lengths[i]);
    const gx = (exact ? empty : zeros)(withLast(gy.shape, lengths), { dtype, device });
    const view = windowView(gx, windows);
    const perWindow = (x: NdArray): NdArray => x.reshape(...x.shape, ...windows.map(() => 1));
    const inWindow = [...Array.from({ length: ndim }, () => 1), ...windows.map(({ size }) => size)];
    const places = arange(volume(windows), { dtype: "int32", device }).reshape(inWindow);
    putFound.into(view, perWindow(gy), perWindow(at), places);
    return unpadded(gx, windows);
  });
}

/** Elements that count where they are at their place. */
interface Found {
  readonly x: NdArray;
  readonly at: NdArray;
  readonly place: number;
}

/** A place that no window has: -1 as an unsigned number. */
const nowhere = 2 ** 32 - 1;

/** Writes the sums of what is found, three at a time. */
function addTaps(target: NdArray, taps: readonly Found[]): void {
  if (taps.length === 0) return void target.fill(0);
  for (let i = 0; i < taps.length; i += 3) {
    const [a, b, c] = [taps[i], taps[i + 1], taps[i + 2]];
    const places = { p0: a?.place ?? nowhere, p1: b?.place ?? nowhere, p2: c?.place ?? nowhere };
    const sum = i === 0 ? 0 : target;
    addFound.into(target, sum, a?.x ?? 0, a?.at ?? 0, b?.x ?? 0, b?.at ?? 0, c?.x ?? 0, c?.at ?? 0, places);
  }
}

/** A tap along several axes, and its position in the flattened window. */
interface BoxTap {
  readonly from: readonly Steps[];
  readonly place: number;
}

/** Visits every combination of stretches along the axes. */
function eachStretch(
  windows: readonly Windows[],
  stretchesOf: (windows: Windows) => Stretch[],
  visit: (out: readonly Steps[], taps: readonly BoxTap[]) => void,
): void {
  for (const stretches of combinations(windows.map(stretchesOf))) {
    visit(
      stretches.map(({ out }) => out),
      combinations(stretches.map(({ taps }) => taps)).map((along) => ({
        from: along.map(({ from }) => from),
        place: along.reduce((flat, { place }, i) => flat * (windows[i] as Windows).size + place, 0),
      })),
    );
  }
}

function volume(windows: readonly Windows[]): number {
  return windows.reduce((product, { size }) => product * size, 1);
}
