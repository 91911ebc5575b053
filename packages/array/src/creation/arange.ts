import { ValueError } from "../errors.js";
import type { NdArray } from "../methods.js";
import type { ArrayOptions } from "./from-host.js";
import { newArray } from "./new-array.js";

/**
 * Numbers from `start` (0 if only one is given) up to, but without, `stop`, `step` (1) apart (NumPy's `arange`). The dtype
 * is int32 if all arguments are whole numbers, else float32, unless said otherwise.
 *
 * @throws ValueError if `step` is 0, an argument is not finite, or int32 cannot hold the numbers.
 */
export function arange(stop: number, options?: ArrayOptions): NdArray;
export function arange(start: number, stop: number, options?: ArrayOptions): NdArray;
export function arange(start: number, stop: number, step: number, options?: ArrayOptions): NdArray;
export function arange(...args: (number | ArrayOptions | undefined)[]): NdArray {
  const numbers = args.filter((arg) => typeof arg === "number");
  const options = args.find((arg) => typeof arg === "object") ?? {};
  const [start, stop, step] =
    numbers.length === 1 ? [0, numbers[0] as number, 1] : [numbers[0] as number, numbers[1] as number, numbers[2] ?? 1];
  if (![start, stop, step].every(Number.isFinite)) {
    throw new ValueError(`arange: start, stop and step are finite numbers, got ${start}, ${stop}, ${step}`);
  }
  if (step === 0) throw new ValueError("arange: the step must not be 0");
  const count = Math.max(0, Math.ceil((stop - start) / step));
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = start + i * step;
  const whole = numbers.every(Number.isInteger);
  if (whole && options.dtype === undefined) checkInt32(values);
  return newArray(values, options.dtype ?? (whole ? "int32" : "float32"), [count], options);
}

function checkInt32(values: Float64Array): void {
  for (const value of [values[0] ?? 0, values.at(-1) ?? 0]) {
    if (value !== (value | 0)) throw new ValueError(`arange: ${value} does not fit into int32; give a dtype`);
  }
}
