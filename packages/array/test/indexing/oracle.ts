/** NumPy's indexing spelled out over positions, one element at a time. */
import { IndexError } from "../../src/index.js";

/** A part of an index. */
export type Part =
  | { readonly kind: "int"; readonly at: number }
  | {
      readonly kind: "slice";
      readonly start: number | null;
      readonly stop: number | null;
      readonly step: number | null;
    }
  | { readonly kind: "newaxis" }
  | { readonly kind: "ellipsis" }
  | { readonly kind: "array"; readonly shape: readonly number[]; readonly data: readonly number[] }
  | { readonly kind: "mask"; readonly shape: readonly number[]; readonly data: readonly boolean[] };

/** What an index selects: the shape of the result and, in C order, positions in the flattened array. */
export interface Selected {
  readonly shape: number[];
  readonly sources: number[];
}

/** Positions of a Python slice, found by walking. */
export function sliceOracle(length: number, start: number | null, stop: number | null, step: number | null): number[] {
  const by = step ?? 1;
  const resolve = (bound: number): number => (bound < 0 ? bound + length : bound);
  const result: number[] = [];
  // Start and stop beyond the ends mean the ends.
  let at = start === null ? (by > 0 ? 0 : length - 1) : resolve(start);
  if (by > 0) at = Math.max(at, 0);
  else at = Math.min(at, length - 1);
  const end = stop === null ? (by > 0 ? length : -1) : Math.max(resolve(stop), -1);
  for (; by > 0 ? at < end : at > end; at += by) if (at >= 0 && at < length) result.push(at);
  return result;
}

/** All positions in an array of `shape`, in C order. */
export function allPositions(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (lists, n) => lists.flatMap((l) => Array.from({ length: n }, (_, i) => [...l, i])),
    [[]],
  );
}

/** The number of an element in C order. */
export function flatPosition(position: readonly number[], shape: readonly number[]): number {
  return position.reduce((sum, at, axis) => sum * (shape[axis] as number) + at, 0);
}

/** The element of a broadcast array. */
function broadcastAt<T>(data: readonly T[], shape: readonly number[], position: readonly number[]): T {
  const own = position.slice(position.length - shape.length).map((at, i) => (shape[i] === 1 ? 0 : at));
  return data[flatPosition(own, shape)] as T;
}

type Axis =
  | { readonly kind: "basic"; readonly axis: number | null; readonly positions: readonly number[] }
  | {
      readonly kind: "advanced";
      readonly axis: number;
      readonly shape: readonly number[];
      readonly data: readonly number[];
    }
  | { readonly kind: "separator" };

/** Resolves an index for an array of `shape`. */
export function indexOracle(shape: readonly number[], parts: readonly Part[]): Selected {
  const used = parts.reduce(
    (n, p) => n + (p.kind === "mask" ? p.shape.length : p.kind === "newaxis" || p.kind === "ellipsis" ? 0 : 1),
    0,
  );
  const missing = shape.length - used;
  if (missing < 0) throw new IndexError("too many");
  const hasArrays = parts.some(({ kind }) => kind === "array" || kind === "mask");
  const axes: Axis[] = [];
  let axis = 0;
  const whole = (): void => {
    for (let i = 0; i < missing; i++) {
      axes.push({ kind: "basic", axis, positions: sliceOracle(shape[axis] as number, null, null, null) });
      axis++;
    }
  };
  const resolve = (at: number, length: number): number => {
    const resolved = at < 0 ? at + length : at;
    if (resolved < 0 || resolved >= length) throw new IndexError("out of bounds");
    return resolved;
  };
  for (const part of parts) {
    const length = shape[axis] as number;
    switch (part.kind) {
      case "ellipsis":
        axes.push({ kind: "separator" });
        whole();
        break;
      case "newaxis":
        axes.push({ kind: "basic", axis: null, positions: [0] });
        break;
      case "slice":
        axes.push({ kind: "basic", axis, positions: sliceOracle(length, part.start, part.stop, part.step) });
        axis++;
        break;
      case "int":
        axes.push({ kind: "advanced", axis, shape: [], data: [resolve(part.at, length)] });
        axis++;
        break;
      case "array":
        axes.push({ kind: "advanced", axis, shape: part.shape, data: part.data.map((at) => resolve(at, length)) });
        axis++;
        break;
      case "mask": {
        const first = axis;
        const on = allPositions(part.shape).filter((_, i) => part.data[i]);
        part.shape.forEach((_, k) =>
          axes.push({ kind: "advanced", axis: first + k, shape: [on.length], data: on.map((p) => p[k] as number) }),
        );
        axis += part.shape.length;
        break;
      }
    }
  }
  if (!parts.some(({ kind }) => kind === "ellipsis")) whole();

  const advanced = axes.filter((a) => a.kind === "advanced");
  const picked: number[] = [];
  for (const { shape: own } of advanced) {
    own.forEach((n, i) => {
      const at = i - own.length;
      while (picked.length < own.length) picked.unshift(1);
      const k = picked.length + at;
      if (n !== 1) picked[k] = n;
    });
  }
  const basic = axes.filter((a) => a.kind === "basic");
  const flags = axes.map((a) => a.kind === "advanced");
  const runs = flags.filter((flag, i) => flag && !flags[i - 1]).length;
  const together = hasArrays && runs === 1;
  const before = together ? axes.slice(0, flags.indexOf(true)).filter((a) => a.kind === "basic").length : 0;

  const lengths = basic.map(({ positions }) => positions.length);
  const result = [...lengths.slice(0, before), ...picked, ...lengths.slice(before)];
  const sources = allPositions(result).map((position) => {
    const index = position.slice(before, before + picked.length);
    const rest = [...position.slice(0, before), ...position.slice(before + picked.length)];
    const source = shape.map(() => 0);
    for (const a of advanced) source[a.axis] = broadcastAt(a.data, a.shape, index);
    basic.forEach((b, i) => {
      if (b.axis !== null) source[b.axis] = b.positions[rest[i] as number] as number;
    });
    return flatPosition(source, shape);
  });
  return { shape: result, sources };
}
