/** Numbers that tell right from almost right. */
import { isFloating, type DType } from "../dtype.js";
import type { OpName } from "../kernel/ops-table.js";
import { HostStream } from "../random/philox-host.js";
import { rounded } from "./compare.js";

const specials = [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3, -7, Infinity, -Infinity, NaN];
const wide = [1e-3, -1e-3, 1e-7, 1e-30, 87, -87, 100, -100, 709, 12345.678, 1e10, -1e10, 1e30, 3e38];

const integers: Partial<Record<DType, readonly number[]>> = {
  bool: [0, 1],
  uint8: [0, 1, 2, 3, 7, 31, 33, 100, 127, 128, 200, 255],
  int32: [0, 1, -1, 2, -2, 3, 7, -7, 31, 33, 100, -1000, 65536, 123456789, -123456789, 2147483647, -2147483648],
  uint32: [0, 1, 2, 3, 7, 31, 33, 100, 65536, 123456789, 2147483648, 4294967295],
};

/** Pseudo-random numbers in [low, high). */
export function randomNumbers(count: number, low: number, high: number, seed = 1): number[] {
  const stream = new HostStream(seed, 0);
  return Array.from({ length: count }, () => low + (high - low) * stream.next());
}

/** Numbers for an operation of one operand, as the dtype holds them. */
export function unarySamples(op: OpName, dtype: DType): number[] {
  const whole = integers[dtype];
  if (whole !== undefined) return [...whole];
  const values = [
    ...specials,
    ...wide,
    ...randomNumbers(40, -4, 4),
    ...randomNumbers(20, 0, 1),
    ...randomNumbers(20, -90, 90),
  ];
  // The gamma functions have poles between which single precision has little to say.
  const usable = op === "lgamma" || op === "digamma" ? values.filter((x) => !(x < -20)) : values;
  return usable.map((value) => rounded(value, dtype));
}

/** Pairs of numbers for an operation of two operands, as the dtype holds them. */
export function binarySamples(op: OpName, dtype: DType): [number, number][] {
  const whole = integers[dtype];
  const basic = whole ?? [...specials, 1e-3, 100, -12345.678, 1e10];
  const pairs = basic.flatMap((a) => basic.map((b): [number, number] => [a, b]));
  if (isFloating(dtype)) {
    const [a, b] = [randomNumbers(60, -10, 10, 2), randomNumbers(60, -10, 10, 3)];
    pairs.push(...a.map((x, i): [number, number] => [op === "pow" ? Math.abs(x) : x, b[i] as number]));
  }
  return pairs.map(([a, b]) => [rounded(a, dtype), rounded(b, dtype)]);
}
