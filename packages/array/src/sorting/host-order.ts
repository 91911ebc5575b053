/** Stable sorting of positions on the host, by radix: linear in the number of elements. */
import type { DType, TypedArray } from "../dtype.js";

/**
 * The stable ascending order of the `length` elements of `values` that begin at `start`, NaN last, written to `order`
 * from position `start` on. Positions count from `start`.
 */
export type RowSorter = (start: number, order: Int32Array) => void;

/** A sorter for rows of `length` decoded elements of a dtype; it reuses its working memory. */
export function rowSorter(values: TypedArray, dtype: DType, length: number): RowSorter {
  const words = keyWords(values, dtype);
  const [front, back] = [new Int32Array(length), new Int32Array(length)];
  const counts = new Int32Array(radix);
  return (start, order) => {
    let from = front;
    let to = back;
    for (let i = 0; i < length; i++) from[i] = i;
    for (const word of words) {
      for (let shift = 0; shift < 32; shift += digitBits) {
        if (!countDigits(word, start, length, shift, counts)) continue;
        for (let i = 0; i < length; i++) {
          const position = from[i] as number;
          const digit = ((word[start + position] as number) >>> shift) & (radix - 1);
          const target = counts[digit] as number;
          counts[digit] = target + 1;
          to[target] = position;
        }
        [from, to] = [to, from];
      }
    }
    order.set(from, start);
  };
}

const digitBits = 11;
const radix = 1 << digitBits;

/** Turns counts of digits into first positions; false if all digits are equal, so that there is nothing to move. */
function countDigits(word: Uint32Array, start: number, length: number, shift: number, counts: Int32Array): boolean {
  counts.fill(0);
  for (let i = start; i < start + length; i++) {
    const digit = ((word[i] as number) >>> shift) & (radix - 1);
    counts[digit] = (counts[digit] as number) + 1;
  }
  let before = 0;
  for (let digit = 0; digit < radix; digit++) {
    const count = counts[digit] as number;
    if (count === length) return false;
    counts[digit] = before;
    before += count;
  }
  return true;
}

/** Unsigned words, least significant first, whose order is that of the values. */
function keyWords(values: TypedArray, dtype: DType): Uint32Array[] {
  switch (dtype) {
    case "bool":
    case "uint8":
    case "uint32":
      return [Uint32Array.from(values)];
    case "int32":
      return [Uint32Array.from(values, (value) => value ^ 0x80000000)];
    case "float16":
    case "float32":
      return [floatKeys(values)];
    case "float64":
      return doubleKeys(values);
  }
}

/** Floats order like their bits once negative ones are turned over; -0 counts as 0. */
function floatKeys(values: TypedArray): Uint32Array {
  const keys = new Uint32Array(values.length);
  new Float32Array(keys.buffer).set(values);
  for (let i = 0; i < keys.length; i++) {
    const bits = keys[i] as number;
    if ((bits & 0x7fffffff) > 0x7f800000) keys[i] = 0xffffffff;
    else if (bits === 0x80000000) keys[i] = 0x80000000;
    else keys[i] = bits & 0x80000000 ? ~bits : bits | 0x80000000;
  }
  return keys;
}

function doubleKeys(values: TypedArray): Uint32Array[] {
  const doubles = Float64Array.from(values);
  const bits = new Uint32Array(doubles.buffer);
  const [low, high] = [new Uint32Array(doubles.length), new Uint32Array(doubles.length)];
  for (let i = 0; i < doubles.length; i++) {
    const value = doubles[i] as number;
    const [l, h] = [bits[2 * i] as number, bits[2 * i + 1] as number];
    if (Number.isNaN(value)) {
      low[i] = high[i] = 0xffffffff;
    } else if (value === 0) {
      high[i] = 0x80000000;
    } else if (h & 0x80000000) {
      low[i] = ~l;
      high[i] = ~h;
    } else {
      low[i] = l;
      high[i] = h | 0x80000000;
    }
  }
  return [low, high];
}
