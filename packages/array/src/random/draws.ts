/** Kernels that fill arrays with random numbers, a block of them for each counter. */
import type { Backend } from "../backend.js";
import type { DType } from "../dtype.js";
import { elementwise } from "../kernel/elementwise.js";
import type { Expr } from "../kernel/expr.js";
import * as k from "../kernel/ops.js";
import { NdArray } from "../methods.js";
import { reshape } from "../manipulation/reshape.js";
import { sizeOf, type Shape } from "../shape.js";
import { borrow } from "../views.js";
import { multiplyHigh, philox, type Words } from "./philox.js";
import { wordsOf } from "./philox-host.js";

/** Seed, and the first counter that has not been used. */
export interface Position {
  readonly seed: number;
  readonly counter: number;
}

/** Makes the numbers of one block out of its four words; `per` of them. */
export interface BlockKernel {
  readonly per: 2 | 4;
  readonly run: (out: NdArray[], words: PhiloxNames, scalars: readonly number[]) => void;
}

interface PhiloxNames {
  readonly key0: number;
  readonly key1: number;
  readonly counter0: number;
  readonly counter1: number;
}

const philoxNames = ["key0", "key1", "counter0", "counter1"] as const;

/** The words of the block that a position of the output belongs to: counters count up along it. */
function blockWords(named: { readonly [K in (typeof philoxNames)[number]]: Expr }): Words {
  const low = k.add(named.counter0, k.cast(k.index, "uint32"));
  const carry = k.cast(k.lt(low, named.counter0), "uint32");
  const zero = k.cast(0, "uint32");
  return philox([low, k.add(named.counter1, carry), zero, zero], [named.key0, named.key1]);
}

/** Numbers in [0, 1) with 24 random bits: the spacing of float32 just below 1. */
function unit(word: Expr): Expr {
  return k.mul(k.cast(k.shr(word, 8), "float32"), 2 ** -24);
}

/** Numbers in (0, 1] with 32 random bits, fine near 0, for logarithms. */
function positiveUnit(word: Expr): Expr {
  return k.add(k.mul(k.cast(word, "float32"), 2 ** -32), 2 ** -33);
}

/** Numbers in [0, 1) with 53 random bits, float64. */
function unit53(a: Expr, b: Expr): Expr {
  const [high, low] = [k.cast(k.shr(a, 5), "float64"), k.cast(k.shr(b, 6), "float64")];
  return k.mul(k.add(k.mul(high, 2 ** 26), low), 2 ** -53);
}

/** Four numbers a block, each from one word and two parameters, in float32. */
function fromWord(name: string, make: (word: Expr, p: Expr, q: Expr, r: Expr) => Expr): BlockKernel {
  const kernel = elementwise(name, { scalars: ["p", "q", "r"], uints: philoxNames }, ({ p, q, r, ...named }) => {
    const [a, b, c, d] = blockWords(named);
    return [make(a, p, q, r), make(b, p, q, r), make(c, p, q, r), make(d, p, q, r)];
  });
  return {
    per: 4,
    run: (out, words, [p = 0, q = 0, r = 0]) =>
      kernel.into(out as [NdArray, NdArray, NdArray, NdArray], { ...words, p, q, r }),
  };
}

/** Two numbers a block, in float64; parameters are applied afterwards (a kernel without operands has float32 ones). */
function fromPair(name: string, make: (words: Words) => readonly [Expr, Expr]): BlockKernel {
  const kernel = elementwise(name, { uints: philoxNames }, (named) => {
    const [first, second] = make(blockWords(named));
    return [first, second];
  });
  return { per: 2, run: (out, words) => kernel.into(out as [NdArray, NdArray], words) };
}

/** `low + (high - low)·u`, at most the largest number below `high`. */
export const uniformKernel = fromWord("random_uniform", (word, low, width, limit) =>
  k.min(k.add(low, k.mul(width, unit(word))), limit),
);

export const uniform64Kernel = fromPair("random_uniform64", ([a, b, c, d]) => [unit53(a, b), unit53(c, d)]);

/** Whether `u < p`. */
export const bernoulliKernel = fromWord("random_bernoulli", (word, p) => k.lt(unit(word), p));

/** `-log(u)·scale`. */
export const exponentialKernel = fromWord("random_exponential", (word, scale) =>
  k.mul(k.neg(k.log(positiveUnit(word))), scale),
);

/** `loc - log(-log(u))·scale`, by way of `log1p` where u is near 1. */
export const gumbelKernel = fromWord("random_gumbel", (word, loc, scale) => {
  const waiting = k.neg(k.log1p(k.neg(k.min(positiveUnit(word), 1 - 2 ** -24))));
  return k.sub(loc, k.mul(scale, k.log(waiting)));
});

/** The method of Box and Muller (1958): two uniform numbers make two normal ones. */
function boxMuller(radial: Expr, angular: Expr): [Expr, Expr] {
  const radius = k.sqrt(k.mul(-2, k.log(radial)));
  const angle = k.mul(angular, 2 * Math.PI);
  return [k.mul(radius, k.cos(angle)), k.mul(radius, k.sin(angle))];
}

const normalBlock = elementwise(
  "random_normal",
  { scalars: ["loc", "scale"], uints: philoxNames },
  ({ loc, scale, ...named }) => {
    const [a, b, c, d] = blockWords(named);
    const [x, y] = boxMuller(positiveUnit(a), unit(b));
    const [z, w] = boxMuller(positiveUnit(c), unit(d));
    const placed = (value: Expr): Expr => k.add(loc, k.mul(scale, value));
    return [placed(x), placed(y), placed(z), placed(w)];
  },
);

export const normalKernel: BlockKernel = {
  per: 4,
  run: (out, words, [loc = 0, scale = 1]) =>
    normalBlock.into(out as [NdArray, NdArray, NdArray, NdArray], { ...words, loc, scale }),
};

export const normal64Kernel = fromPair("random_normal64", ([a, b, c, d]) =>
  // 1 - u lies in (0, 1].
  boxMuller(k.sub(1, unit53(a, b)), unit53(c, d)),
);

const integerBlock = elementwise("random_integers", { uints: [...philoxNames, "low", "range"] }, (named) => {
  const { low, range } = named;
  const [a, b, c, d] = blockWords(named);
  // The upper word of a 64-bit number times the range: a bias of at most 2^-32 of any probability.
  const integer = (first: Expr, second: Expr): Expr => {
    const product = k.mul(second, range);
    const total = k.add(product, multiplyHigh(first, range));
    const scaled = k.add(multiplyHigh(second, range), k.cast(k.lt(total, product), "uint32"));
    return k.add(low, k.where(k.eq(range, 0), second, scaled));
  };
  return [integer(a, b), integer(c, d)];
});

/** Whole numbers from `low` on, `range` different ones (0 means 2^32); both as uint32. */
export const integerKernel: BlockKernel = {
  per: 2,
  run: (out, words, [low = 0, range = 1]) => integerBlock.into(out as [NdArray, NdArray], { ...words, low, range }),
};

const wordsBlock = elementwise("random_words", { uints: philoxNames }, (named) => {
  const [a, b, c, d] = blockWords(named);
  return [a, b, c, d];
});

/** The words themselves, uint32. */
export const wordsKernel: BlockKernel = {
  per: 4,
  run: (out, words) => wordsBlock.into(out as [NdArray, NdArray, NdArray, NdArray], words),
};

/** How many counters `count` numbers take. */
export function blocksOf(kernel: BlockKernel, count: number): number {
  return Math.ceil(count / kernel.per);
}

/**
 * A new array of random numbers. With `blocks` counters in use, number i comes from counter `i mod blocks`: the numbers
 * of one block lie far apart in memory, so that every store is contiguous.
 */
export function draw(
  kernel: BlockKernel,
  { seed, counter }: Position,
  dtype: DType,
  shape: Shape,
  backend: Backend,
  scalars: readonly number[] = [],
): NdArray {
  const size = sizeOf(shape);
  const blocks = blocksOf(kernel, size);
  const padded = NdArray.allocate(backend, dtype, blocks * kernel.per === size ? [...shape] : [blocks * kernel.per]);
  if (size === 0) return padded;
  const lanes = Array.from({ length: kernel.per }, (_, lane) =>
    borrow(padded, { shape: [blocks], strides: [1], offset: lane * blocks }),
  );
  const [key0, key1] = wordsOf(seed);
  const [counter0, counter1] = wordsOf(counter);
  kernel.run(lanes, { key0, key1, counter0, counter1 }, scalars);
  if (padded.size === size) return padded;
  const used = padded.view([size], [1], 0);
  const result = reshape(used, shape);
  used.dispose();
  padded.dispose();
  return result;
}
