import { IndexError, ValueError } from "../errors.js";

/** A range of positions along one axis; make it with {@link slice}. */
export class Slice {
  constructor(
    readonly start: number | null,
    readonly stop: number | null,
    readonly step: number | null,
  ) {}

  /** First position, number of positions and distance between them along an axis of `length`, as Python's slices. */
  resolve(length: number): { start: number; count: number; step: number } {
    const step = this.step ?? 1;
    const [first, last] = step > 0 ? [0, length] : [-1, length - 1];
    const clamp = (at: number): number => Math.max(first, Math.min(at < 0 ? at + length : at, last));
    const start = this.start === null ? (step > 0 ? first : last) : clamp(this.start);
    const stop = this.stop === null ? (step > 0 ? last : first) : clamp(this.stop);
    return { start, count: Math.max(0, Math.ceil((stop - start) / step)), step };
  }
}

/**
 * The positions `start`, `start + step`, … before `stop`, as Python's `start:stop:step`: `x.get(slice(1, -1))` is NumPy's
 * `x[1:-1]`, `x.get(slice(null, null, -1))` is `x[::-1]`, and `slice()` is a whole axis. One argument is the start.
 *
 * @throws ValueError if `step` is 0, IndexError if a number is not whole.
 */
export function slice(start: number | null = null, stop: number | null = null, step: number | null = null): Slice {
  for (const bound of [start, stop, step]) {
    if (bound !== null && !Number.isInteger(bound)) {
      throw new IndexError(`slice: bounds and step are whole numbers or null, got ${bound}`);
    }
  }
  if (step === 0) throw new ValueError("slice: the step must not be 0");
  return new Slice(start, stop, step);
}

/** Python's `:`. */
export const wholeAxis: Slice = new Slice(null, null, null);

/** In an index: a new axis of length 1. */
export const newaxis = null;

/** In an index: as many whole axes as there are left. */
export const ellipsis = "...";
