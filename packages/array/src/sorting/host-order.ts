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
  if (length <= shortRow) return (start, order) => insert(words, start, length, order);
  let [from, to] = [new Int32Array(length), new Int32Array(length)];
  let [keys, nextKeys] = [new Uint32Array(length), new Uint32Array(length)];
  const counts = new Int32Array(radix);
  return (start, order) => {
    for (let i = 0; i < length; i++) from[i] = i;
    for (const word of words) {
      // Keys move along with their positions, so that they are always read in sequence.
      for (let i = 0; i < length; i++) keys[i] = word[start + (from[i] as number)] as number;
      for (let shift = 0; shift < 32; shift += digitBits) {
        if (!countDigits(keys, shift, counts)) continue;
        distribute(keys, from, shift, counts, nextKeys, to);
        [from, to] = [to, from];
        [keys, nextKeys] = [nextKeys, keys];
      }
    }
    order.set(from, start);
  };
}

const digitBits = 11;
const radix = 1 << digitBits;
/** Rows up to this length are sorted faster by insertion than by counting digits. */
const shortRow = 64;

/** Turns counts of digits into first positions; false if all digits are equal, so that there is nothing to move. */
function countDigits(keys: Uint32Array, shift: number, counts: Int32Array): boolean {
  counts.fill(0);
  for (let i = 0; i < keys.length; i++) {
    const digit = ((keys[i] as number) >>> shift) & (radix - 1);
    counts[digit] = (counts[digit] as number) + 1;
  }
  let before = 0;
  for (let digit = 0; digit < radix; digit++) {
    const count = counts[digit] as number;
    if (count === keys.length) return false;
    counts[digit] = before;
    before += count;
  }
  return true;
}

/** Moves keys and positions to where their digit's turn is. */
function distribute(
  keys: Uint32Array,
  from: Int32Array,
  shift: number,
  places: Int32Array,
  nextKeys: Uint32Array,
  to: Int32Array,
): void {
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as number;
    const digit = (key >>> shift) & (radix - 1);
    const target = places[digit] as number;
    places[digit] = target + 1;
    nextKeys[target] = key;
    to[target] = from[i] as number;
  }
}

function insert(words: readonly Uint32Array[], start: number, length: number, order: Int32Array): void {
  for (let i = 0; i < length; i++) {
    let place = start + i;
    while (place > start && comesBefore(words, start + i, start + (order[place - 1] as number))) {
      order[place] = order[place - 1] as number;
      place--;
    }
    order[place] = i;
  }
}

/** Whether the element at position `a` is less than that at `b`, by their most significant words first. */
function comesBefore(words: readonly Uint32Array[], a: number, b: number): boolean {
  for (let i = words.length - 1; i >= 0; i--) {
    const word = words[i] as Uint32Array;
    const [x, y] = [word[a] as number, word[b] as number];
    if (x !== y) return x < y;
  }
  return false;
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
