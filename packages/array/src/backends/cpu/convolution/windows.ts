/** Where a convolution finds its operands: every product's place in an image is the sum of two numbers from tables. */
import type { ConvolutionGeometry } from "../../../routines.js";
import { contiguousStrides, sizeOf, type Shape } from "../../../shape.js";
import { offsetsOf } from "../../../views.js";

/** How an image's channels are laid out so that no window reaches outside: in a frame of zeros, or as they are. */
export interface Frame {
  /** Spatial lengths of a channel, and how far apart elements are along them. */
  readonly lengths: Shape;
  readonly strides: readonly number[];
  /** Elements from a channel to the next. */
  readonly channel: number;
  /** Zeros before the first element of each axis, negative to leave elements out; null for images as they are. */
  readonly before: readonly number[] | null;
}

/** A matrix whose element (m, k) is found at `rows[m] + columns[k]`, and whose products with others go to `outs[m]`. */
export interface Gather {
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  readonly outs: Int32Array;
}

/** The kernel elements that meet some positions of an input: along each axis `count` of them from `first` on. */
export interface Taps {
  readonly first: readonly number[];
  readonly step: readonly number[];
  readonly count: readonly number[];
}

/** Elements that rows of a frame may be written too far. */
const SLACK = 4;

function frameOf(input: Shape, before: readonly number[], lengths: Shape): Frame {
  const fits = lengths.every((length, i) => before[i] === 0 && length <= (input[i] as number));
  const own = fits ? input : lengths;
  return {
    lengths: own,
    strides: contiguousStrides(own),
    channel: sizeOf(own) + (fits ? 0 : SLACK),
    before: fits ? null : before,
  };
}

/**
 * Where in a channel of the input each row of the framed channel comes from (-1: nowhere), and how many zeros, elements
 * and zeros such a row has.
 */
export function frameSources(
  { lengths, before }: Frame,
  input: Shape,
): { sources: Int32Array; left: number; width: number; right: number } {
  const last = lengths.length - 1;
  const [length, own, start] = [at(lengths, last), at(input, last), before === null ? 0 : at(before, last)];
  const left = Math.min(length, Math.max(0, start));
  const skipped = Math.max(0, -start);
  const width = Math.max(0, Math.min(own - skipped, length - left));
  const strides = contiguousStrides(input);
  let sources = [skipped];
  for (let axis = 0; axis < last; axis++) {
    const first = before === null ? 0 : at(before, axis);
    sources = sources.flatMap((source) =>
      Array.from({ length: at(lengths, axis) }, (_, row) => {
        const inside = row >= first && row - first < at(input, axis);
        return source < 0 || !inside ? -1 : source + (row - first) * at(strides, axis);
      }),
    );
  }
  return { sources: Int32Array.from(sources), left, width, right: length - left - width };
}

/** Windows of a convolution: rows are the output's positions, columns the elements of a kernel of so many channels. */
export function windowsOf(
  input: Shape,
  kernel: Shape,
  out: Shape,
  channels: number,
  { stride, pad, dilate }: ConvolutionGeometry,
): { frame: Frame; gather: Gather } {
  const reach = out.map((count, i) => (count - 1) * at(stride, i) + (at(kernel, i) - 1) * at(dilate, i) + 1);
  const frame = frameOf(input, pad, reach);
  const { strides, channel } = frame;
  return {
    frame,
    gather: {
      rows: offsetsOf({ shape: out, strides: strides.map((step, i) => step * at(stride, i)), offset: 0 }),
      columns: offsetsOf({
        shape: [channels, ...kernel],
        strides: [channel, ...strides.map((step, i) => step * at(dilate, i))],
        offset: 0,
      }),
      outs: Int32Array.from({ length: sizeOf(out) }, (_, i) => i),
    },
  };
}

/** A convolution with some of the kernel's elements, which gives the gradient of some of the input's positions. */
export interface Phase {
  readonly taps: Taps;
  readonly gather: Gather;
  /** Positions along the last axis, one after another in the gather. */
  readonly width: number;
}

/**
 * The gradient of a convolution by its input, as convolutions of the output's gradient. With stride s, positions that
 * leave the same rest when divided by s meet the same elements of the kernel, and windows one after another.
 */
export function phasesOf(
  input: Shape,
  kernel: Shape,
  out: Shape,
  channels: number,
  { stride, pad, dilate }: ConvolutionGeometry,
): { frame: Frame; phases: readonly Phase[] } {
  const perAxis = input.map((length, i) => axisPhases(length, at(kernel, i), at(stride, i), at(pad, i), at(dilate, i)));
  const before = perAxis.map((axis) => Math.max(0, ...axis.map((phase) => -lowest(phase))));
  const lengths = perAxis.map((axis, i) => at(before, i) + Math.max(1, ...axis.map((phase) => highest(phase) + 1)));
  const frame = frameOf(out, before, lengths);
  const { strides, channel } = frame;
  const inputStrides = contiguousStrides(input);
  const phases = combinations(perAxis).map((axes): Phase => {
    const start = axes.reduce((sum, { origin }, i) => sum + (origin + at(before, i)) * at(strides, i), 0);
    const first = axes.reduce((sum, { rest }, i) => sum + rest * at(inputStrides, i), 0);
    const shape = axes.map(({ positions }) => positions);
    const count = axes.map(({ taps }) => taps);
    return {
      width: shape.at(-1) ?? 1,
      taps: { first: axes.map((axis) => axis.firstTap), step: axes.map((axis) => axis.tapStep), count },
      gather: {
        rows: offsetsOf({ shape, strides, offset: 0 }).map((offset) => start + offset),
        columns: offsetsOf({
          shape: [channels, ...count],
          strides: [channel, ...axes.map(({ advance }, i) => -advance * at(strides, i))],
          offset: 0,
        }),
        outs: offsetsOf({
          shape,
          strides: inputStrides.map((step, i) => step * at(stride, i)),
          offset: 0,
        }).map((offset) => first + offset),
      },
    };
  });
  return { frame, phases };
}

/** Positions of the input with one rest, along one axis, and the elements of the kernel that they meet. */
interface AxisPhase {
  readonly rest: number;
  readonly positions: number;
  readonly firstTap: number;
  readonly tapStep: number;
  readonly taps: number;
  /** The window in which the first tap meets the first position; may be outside. */
  readonly origin: number;
  /** By how many windows the next tap is earlier. */
  readonly advance: number;
}

function axisPhases(length: number, kernel: number, stride: number, pad: number, dilate: number): AxisPhase[] {
  const tapStep = stride / greatestCommonDivisor(stride, dilate);
  return Array.from({ length: Math.min(stride, length) }, (_, rest) => {
    let firstTap = 0;
    while (firstTap < kernel && (rest + pad - firstTap * dilate) % stride !== 0) firstTap++;
    const taps = firstTap < kernel ? Math.floor((kernel - 1 - firstTap) / tapStep) + 1 : 0;
    return {
      rest,
      positions: Math.ceil((length - rest) / stride),
      firstTap: taps === 0 ? 0 : firstTap,
      tapStep,
      taps,
      origin: taps === 0 ? 0 : (rest + pad - firstTap * dilate) / stride,
      advance: (tapStep * dilate) / stride,
    };
  });
}

/** The first window that a phase reads. */
function lowest({ origin, taps, advance }: AxisPhase): number {
  return taps === 0 ? 0 : origin - (taps - 1) * advance;
}

/** The last window that a phase reads. */
function highest({ origin, positions, taps }: AxisPhase): number {
  return taps === 0 ? 0 : origin + positions - 1;
}

/** Every way to take one item of each list. */
function combinations<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>((found, list) => found.flatMap((some) => list.map((item) => [...some, item])), [[]]);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function at(list: readonly number[], i: number): number {
  return list[i] as number;
}
