/** From arrays to loops: which axes can be walked as one, and how each operand moves along them. */
import type { NdArray } from "../ndarray.js";
import type { Shape } from "../shape.js";
import type { Layout } from "./program.js";

/** Loop axes and, per operand, strides along them. */
export interface Loops {
  shape: number[];
  strides: number[][];
}

/** Strides of `array` when it is broadcast to `shape`. */
export function broadcastStrides(array: NdArray, shape: Shape): number[] {
  const lead = shape.length - array.shape.length;
  const strides: number[] = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < array.shape.length; i++) {
    if (array.shape[i] !== 1) strides[lead + i] = array.strides[i] as number;
  }
  return strides;
}

/** Drops axes of length 1 and merges neighbours that every operand walks as one axis. At least `least` axes remain. */
export function mergeAxes(loops: Loops, least = 0): Loops {
  const shape: number[] = [];
  const strides: number[][] = loops.strides.map(() => []);
  for (let axis = 0; axis < loops.shape.length; axis++) {
    const length = loops.shape[axis] as number;
    if (length === 1) continue;
    const last = shape.length - 1;
    const mergeable =
      last >= 0 &&
      loops.strides.every((s, k) => ((strides[k] as number[])[last] as number) === (s[axis] as number) * length);
    if (mergeable) {
      shape[last] = (shape[last] as number) * length;
      strides.forEach((s, k) => (s[last] = (loops.strides[k] as number[])[axis] as number));
    } else {
      shape.push(length);
      strides.forEach((s, k) => s.push((loops.strides[k] as number[])[axis] as number));
    }
  }
  while (shape.length < least) {
    shape.unshift(1);
    for (const s of strides) s.unshift(0);
  }
  return { shape, strides };
}

/** Orders axes so that operand `leader` takes its longest steps outermost; equal steps keep their order. */
export function sortAxes(loops: Loops, leader: number): Loops {
  const lead = loops.strides[leader] as number[];
  const order = loops.shape.map((_, i) => i);
  order.sort((a, b) => Math.abs(lead[b] as number) - Math.abs(lead[a] as number) || a - b);
  return {
    shape: order.map((i) => loops.shape[i] as number),
    strides: loops.strides.map((s) => order.map((i) => s[i] as number)),
  };
}

/** How an operand with this stride moves. */
export function layoutOf(stride: number): Layout {
  if (stride === 1) return "contiguous";
  return stride === 0 ? "broadcast" : "strided";
}

const layoutCodes: Record<Layout | "number", number> = { contiguous: 0, broadcast: 1, strided: 2, number: 3 };

/** A number below 4 for use in cache keys. */
export function layoutCode(layout: Layout | "number"): number {
  return layoutCodes[layout];
}
