/** The same generator on the host: for single numbers, and where each draw depends on the last (shuffling). */
import { keySteps, multipliers, rounds } from "./philox.js";

const { imul } = Math;

/** The four words for a counter of four words and a key of two. */
export function philoxHost(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  const [m0, m1] = multipliers;
  for (let round = 0; round < rounds; round++) {
    if (round > 0) {
      k0 = (k0 + keySteps[0]) | 0;
      k1 = (k1 + keySteps[1]) | 0;
    }
    const high0 = multiplyHigh(c0, m0);
    const high2 = multiplyHigh(c2, m1);
    const low0 = imul(c0, m0);
    const low2 = imul(c2, m1);
    c0 = high2 ^ c1 ^ k0;
    c1 = low2;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
}

function multiplyHigh(a: number, b: number): number {
  const [aLow, aHigh] = [a & 0xffff, a >>> 16];
  const [bLow, bHigh] = [b & 0xffff, b >>> 16];
  const low = imul(aLow, bLow);
  const middle = (imul(aHigh, bLow) >>> 0) + (low >>> 16);
  const other = (imul(aLow, bHigh) >>> 0) + (middle & 0xffff);
  return (imul(aHigh, bHigh) + (middle >>> 16) + (other >>> 16)) | 0;
}

const below32 = 2 ** 32;

/** A number below 2^53 as two 32-bit words, the lower one first. */
export function wordsOf(value: number): [number, number] {
  return [value % below32, Math.floor(value / below32)];
}

/** Numbers in [0, 1) with 53 random bits, two from every counter, from counter `start` on. */
export class HostStream {
  private readonly key: readonly [number, number];
  private spare: number | null = null;

  constructor(
    seed: number,
    private counter: number,
  ) {
    this.key = wordsOf(seed);
  }

  next(): number {
    if (this.spare !== null) {
      const value = this.spare;
      this.spare = null;
      return value;
    }
    const [low, high] = wordsOf(this.counter++);
    const [a, b, c, d] = philoxHost([low, high, 0, 0], this.key);
    this.spare = unitOf(c, d);
    return unitOf(a, b);
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }
}

/** How many counters `draws` numbers of a {@link HostStream} take. */
export function hostBlocks(draws: number): number {
  return Math.ceil(draws / 2);
}

function unitOf(a: number, b: number): number {
  return ((a >>> 5) * 2 ** 26 + (b >>> 6)) * 2 ** -53;
}
