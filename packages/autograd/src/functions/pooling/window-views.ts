import { asStrided, pad, type NdArray, type Shape, type WindowGeometry } from "@chain/array";
import type { Windows } from "./windows.js";

/** Positions `start`, `start + step`, … along an axis, `count` of them. */
export interface Steps {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** Neighbouring results along an axis, and where the elements are that each is made of. */
export interface Stretch {
  readonly out: Steps;
  readonly taps: readonly Tap[];
}

/** One element for each result of a stretch; `place` is its position in the window. */
export interface Tap {
  readonly from: Steps;
  readonly place: number;
}

/** For every window, the elements that lie in it, in order. Only windows at the ends of the axis lack some. */
export function elementsOfWindows({ size, stride, pad: padding, length, count }: Windows): Stretch[] {
  const firstOf = (o: number): number => Math.min(Math.max(0, padding - o * stride), size);
  const lastOf = (o: number): number => Math.min(size, length + padding - o * stride);
  return runs(count, firstOf, lastOf).map(({ start, count: n, first, last }) => ({
    out: { start, step: 1, count: n },
    taps: Array.from({ length: Math.max(0, last - first) }, (_, i) => ({
      from: { start: start * stride - padding + first + i, step: stride, count: n },
      place: first + i,
    })),
  }));
}

/** For every element, the windows in which it lies: the same pairs as {@link elementsOfWindows}, seen from the other side. */
export function windowsOfElements({ size, stride, pad: padding, length, count }: Windows): Stretch[] {
  const stretches: Stretch[] = [];
  // Elements at one distance from the starts of windows are in the same number of them, and at the same places.
  for (let phase = 0; phase < stride; phase++) {
    const start = (((phase - padding) % stride) + stride) % stride;
    const nearest = (start + padding - phase) / stride;
    const most = Math.ceil(Math.max(0, size - phase) / stride);
    // Counted backwards from the last window that begins before the element.
    const firstOf = (m: number): number => Math.min(Math.max(0, nearest + m - count + 1), most);
    const lastOf = (m: number): number => Math.min(most, nearest + m + 1);
    for (const run of runs(Math.max(0, Math.ceil((length - start) / stride)), firstOf, lastOf)) {
      const taps = Array.from({ length: Math.max(0, run.last - run.first) }, (_, i) => ({
        from: { start: nearest + run.start - run.first - i, step: 1, count: run.count },
        place: phase + (run.first + i) * stride,
      }));
      stretches.push({ out: { start: start + run.start * stride, step: stride, count: run.count }, taps });
    }
  }
  return stretches;
}

interface Run {
  readonly start: number;
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

/** Groups neighbours among `count` positions of which the same taps are there. */
function runs(count: number, firstOf: (at: number) => number, lastOf: (at: number) => number): Run[] {
  const found: Run[] = [];
  for (let start = 0, end = 1; start < count; start = end++) {
    const [first, last] = [firstOf(start), lastOf(start)];
    while (end < count && firstOf(end) === first && lastOf(end) === last) end++;
    found.push({ start, count: end - start, first, last });
  }
  return found;
}

/** Every way to pick one item of each list, in order. */
export function combinations<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>((picked, list) => picked.flatMap((row) => list.map((item) => [...row, item])), [[]]);
}

/** The elements of `x` at the given positions along the axes from `axis` on. */
export function stepped(x: NdArray, axis: number, steps: readonly Steps[]): NdArray {
  const [shape, strides] = [[...x.shape], [...x.strides]];
  let offset = x.offset;
  steps.forEach(({ start, step, count }, i) => {
    const stride = strides[axis + i] as number;
    if (count > 0) offset += start * stride;
    shape[axis + i] = count;
    strides[axis + i] = step * stride;
  });
  return asStrided(x, shape, strides, { storageOffset: offset });
}

/** Windows that lie wholly on `x` as axes of their own: shape `(…, counts of windows, …sizes of windows)`. */
export function windowView(x: NdArray, windows: readonly Windows[]): NdArray {
  const outer = x.ndim - windows.length;
  const inner = x.strides.slice(outer);
  return asStrided(
    x,
    [...x.shape.slice(0, outer), ...windows.map(({ count }) => count), ...windows.map(({ size }) => size)],
    [...x.strides.slice(0, outer), ...windows.map(({ stride }, i) => stride * (inner[i] as number)), ...inner],
  );
}

/** Lengths of the axes on which no window reaches over an end. */
export function paddedLengths(windows: readonly Windows[]): number[] {
  return windows.map((w) => Math.max(w.pad + w.length, (w.count - 1) * w.stride + w.size));
}

/** `x` with `value` around it, so that no window reaches over an end; `x` itself if none does. */
export function padded(x: NdArray, windows: readonly Windows[], value: number): NdArray {
  const lengths = paddedLengths(windows);
  if (windows.every((w, i) => w.length === lengths[i])) return x;
  const outer = x.ndim - windows.length;
  const widths = windows.map((w, i): [number, number] => [w.pad, (lengths[i] as number) - w.pad - w.length]);
  return pad(x, [...x.shape.slice(0, outer).map((): [number, number] => [0, 0]), ...widths], {
    constantValues: value,
  });
}

/** What {@link padded} put around is taken away again. */
export function unpadded(x: NdArray, windows: readonly Windows[]): NdArray {
  return stepped(
    x,
    x.ndim - windows.length,
    windows.map(({ pad: start, length: count }) => ({ start, step: 1, count })),
  );
}

/** The shape with other lengths of its last axes. */
export function withLast(shape: Shape, lengths: readonly number[]): number[] {
  return [...shape.slice(0, shape.length - lengths.length), ...lengths];
}

/** How windows lie, as the routines of devices want to know it. */
export function geometryOf(windows: readonly Windows[]): WindowGeometry {
  return {
    size: windows.map(({ size }) => size),
    stride: windows.map(({ stride }) => stride),
    pad: windows.map((along) => along.pad),
  };
}
