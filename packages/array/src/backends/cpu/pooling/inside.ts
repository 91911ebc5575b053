import { contiguousStrides, sizeOf, type Shape } from "../../../shape.js";
import { offsetsOf } from "../../../views.js";
import type { Frame } from "../convolution/windows.js";

/** For every element of a framed channel, which one of the channel it is; -1 for the border. */
export function insideOf({ lengths, before }: Frame, input: Shape): Int32Array {
  const result = new Int32Array(sizeOf(lengths)).fill(-1);
  const start = lengths.map((_, axis) => before?.[axis] ?? 0);
  // What frame and channel have in common, in the one and in the other.
  const first = start.map((width) => Math.max(0, width));
  const shape = lengths.map((length, axis) =>
    Math.max(0, Math.min(length, (start[axis] as number) + (input[axis] as number)) - (first[axis] as number)),
  );
  const [frameStrides, strides] = [contiguousStrides(lengths), contiguousStrides(input)];
  const startOf = (own: readonly number[], at: readonly number[]): number =>
    at.reduce((sum, place, axis) => sum + place * (own[axis] as number), 0);
  const skipped = first.map((place, axis) => place - (start[axis] as number));
  const [fromFrame, fromChannel] = [startOf(frameStrides, first), startOf(strides, skipped)];
  const own = offsetsOf({ shape, strides, offset: 0 });
  offsetsOf({ shape, strides: frameStrides, offset: 0 }).forEach((place, i) => {
    result[fromFrame + place] = fromChannel + (own[i] as number);
  });
  return result;
}
