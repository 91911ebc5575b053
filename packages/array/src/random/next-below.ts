import type { DType } from "../dtype.js";
import { halfToNumber, numberToHalf } from "../half.js";

/** The largest number of a floating dtype below `high`. */
export function nextBelow(high: number, dtype: DType): number {
  if (dtype === "float64") return stepDown(new Float64Array([high]));
  if (dtype === "float32") {
    const rounded = Math.fround(high);
    return rounded < high ? rounded : stepDown(new Float32Array([high]));
  }
  const half = numberToHalf(high);
  const rounded = halfToNumber(half);
  if (rounded < high) return rounded;
  if (rounded === 0) return -(2 ** -24);
  return halfToNumber(rounded > 0 ? half - 1 : half + 1);
}

/** The number just below the only element: its bits, which order as the numbers' magnitudes, one step further down. */
function stepDown(value: Float32Array | Float64Array): number {
  const [number = 0] = value;
  if (number === 0) return value instanceof Float32Array ? -(2 ** -149) : -Number.MIN_VALUE;
  const towardsZero = number > 0;
  if (value instanceof Float32Array) {
    const bits = new Int32Array(value.buffer);
    bits[0] = (bits[0] as number) + (towardsZero ? -1 : 1);
  } else {
    const bits = new BigInt64Array(value.buffer);
    bits[0] = (bits[0] as bigint) + (towardsZero ? -1n : 1n);
  }
  return value[0] as number;
}
