import { isFloating } from "../dtype.js";
import { ValueError } from "../errors.js";
import type { NdArray } from "../methods.js";
import type { ArrayOptions } from "./from-host.js";
import { newArray } from "./new-array.js";

/** Options of {@link linspace}. */
export interface LinspaceOptions extends ArrayOptions {
  /** How many numbers; 50 by default. */
  readonly num?: number;
  /** Whether `stop` is the last of them; true by default. */
  readonly endpoint?: boolean;
}

/** Options of {@link logspace}. */
export interface LogspaceOptions extends LinspaceOptions {
  /** What is raised to the powers; 10 by default. */
  readonly base?: number;
}

/**
 * Numbers at equal distances from `start` to `stop`, float32 unless said otherwise (NumPy's `linspace`); for an integer
 * dtype they are rounded down.
 *
 * @throws ValueError if `num` is no whole number from 0 up.
 */
export function linspace(start: number, stop: number, options?: LinspaceOptions): NdArray;
export function linspace(start: number, stop: number, num: number, options?: LinspaceOptions): NdArray;
export function linspace(...args: SpaceArguments<LinspaceOptions>): NdArray {
  const { start, stop, options } = read(args);
  return build(spaced("linspace", start, stop, options), options);
}

/**
 * Numbers at equal ratios, from `base` to the power of `start` to that of `stop`, float32 unless said otherwise (NumPy's
 * `logspace`).
 *
 * @throws ValueError if `num` is no whole number from 0 up.
 */
export function logspace(start: number, stop: number, options?: LogspaceOptions): NdArray;
export function logspace(start: number, stop: number, num: number, options?: LogspaceOptions): NdArray;
export function logspace(...args: SpaceArguments<LogspaceOptions>): NdArray {
  const { start, stop, options } = read(args);
  const { base = 10 } = options;
  return build(
    spaced("logspace", start, stop, options).map((exponent) => base ** exponent),
    options,
  );
}

/**
 * Numbers at equal ratios from `start` to `stop`, which have one sign, float32 unless said otherwise (NumPy's
 * `geomspace`).
 *
 * @throws ValueError if `num` is no whole number from 0 up, or an end is 0 or has another sign than the other.
 */
export function geomspace(start: number, stop: number, options?: LinspaceOptions): NdArray;
export function geomspace(start: number, stop: number, num: number, options?: LinspaceOptions): NdArray;
export function geomspace(...args: SpaceArguments<LinspaceOptions>): NdArray {
  const { start, stop, options } = read(args);
  if (!(start * stop > 0))
    throw new ValueError(`geomspace: both ends have one sign and are not 0, got ${start} and ${stop}`);
  const ratio = stop / start;
  const values = spaced("geomspace", 0, 1, options).map((t) => start * ratio ** t);
  if (values.length > 1 && (options.endpoint ?? true)) values[values.length - 1] = stop;
  return build(values, options);
}

type SpaceArguments<O> = [start: number, stop: number, third?: number | O, fourth?: O];

function read<O extends LinspaceOptions>([start, stop, third, fourth]: SpaceArguments<O>): {
  start: number;
  stop: number;
  options: O;
} {
  const options = typeof third === "number" ? { ...fourth, num: third } : { ...third };
  return { start, stop, options: options as O };
}

function spaced(
  name: string,
  start: number,
  stop: number,
  { num = 50, endpoint = true }: LinspaceOptions,
): Float64Array {
  if (!Number.isInteger(num) || num < 0) throw new ValueError(`${name}: num is a whole number from 0 up, got ${num}`);
  const values = new Float64Array(num);
  const steps = endpoint ? num - 1 : num;
  for (let i = 0; i < num; i++) values[i] = start + (steps === 0 ? 0 : (i * (stop - start)) / steps);
  if (endpoint && num > 1) values[num - 1] = stop;
  return values;
}

function build(values: Float64Array, options: ArrayOptions): NdArray {
  const { dtype = "float32" } = options;
  const stored = isFloating(dtype) ? values : values.map(Math.floor);
  return newArray(stored, dtype, [values.length], options);
}
