/** Functions that generated JavaScript calls, under the name `$`. */
import { halfToNumber, numberToHalf, roundToHalf } from "../../half.js";
import { reference } from "../../kernel/reference.js";

const floats = new Float32Array(1);
const ints = new Int32Array(floats.buffer);

/** Combines components of two partial results. */
type Combine = (a: readonly number[], b: readonly number[]) => number[];

/** Partial results of blocks, combined pairwise like the carries of a binary counter. */
export class PairwiseStack {
  private readonly partials: (readonly number[])[] = [];
  private count = 0;

  constructor(private readonly combine: Combine) {}

  push(partial: readonly number[]): void {
    let carried = partial;
    for (let n = this.count++; n & 1; n >>= 1) carried = this.combine(this.partials.pop() as number[], carried);
    this.partials.push(carried);
  }

  total(): readonly number[] {
    return this.partials.reduceRight((sum, partial) => this.combine(partial, sum));
  }
}

export const support = {
  ...reference,
  f: Math.fround,
  halfToNumber,
  numberToHalf,
  roundToHalf,
  PairwiseStack,
  /** Truncates and saturates; NaN gives 0. */
  toInt32: (x: number) => (x >= 2147483647 ? 2147483647 : x <= -2147483648 ? -2147483648 : x | 0),
  toUint32: (x: number) => (x >= 4294967295 ? 4294967295 : x <= 0 ? 0 : x >>> 0),
  floatBits: (x: number) => {
    floats[0] = x;
    return ints[0] as number;
  },
  bitsFloat: (bits: number) => {
    ints[0] = bits;
    return floats[0] as number;
  },
};
