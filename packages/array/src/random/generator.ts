import { backendFor, fromElements, type ArrayOptions } from "../creation/from-host.js";
import { isFloating, type DType, type TypedArray } from "../dtype.js";
import { InvalidType, ValueError } from "../errors.js";
import { readNow } from "../indexing/read-now.js";
import { take } from "../indexing/take.js";
import { copyto } from "../manipulation/copy.js";
import { add, multiply } from "../math/arithmetic.js";
import { less } from "../math/comparison.js";
import { minimum } from "../math/extrema.js";
import { rangeOf } from "../math/ufunc.js";
import { NdArray } from "../methods.js";
import { astype } from "../manipulation/astype.js";
import { checkShape, sizeOf, type Shape } from "../shape.js";
import { weightedChoice } from "./choice.js";
import {
  bernoulliKernel,
  blocksOf,
  draw,
  exponentialKernel,
  gumbelKernel,
  integerKernel,
  normal64Kernel,
  normalKernel,
  uniform64Kernel,
  uniformKernel,
  type BlockKernel,
} from "./draws.js";
import { nextBelow } from "./next-below.js";
import { hostBlocks, HostStream } from "./philox-host.js";

/** All that a {@link Generator} is: plain numbers, to be stored in a snapshot. */
export interface GeneratorState {
  /** A whole number from 0 to 2^53 - 1. */
  readonly seed: number;
  /** How many counters have been used. */
  readonly counter: number;
}

/** Options of {@link Generator.choice}. */
export interface ChoiceOptions {
  /** Whether the same element may be chosen again; true by default. */
  readonly replace?: boolean;
  /** Probabilities of the elements, which add up to 1; all alike by default. */
  readonly p?: NdArray | ArrayLike<number> | null;
}

/** A length, or lengths. */
type ShapeLike = number | Shape;

/**
 * A stream of random numbers: Philox4x32-10, which computes number i from the seed and a counter alone. Equal seeds give
 * equal streams on every device (words are the same to the bit, functions of them as close as the device's).
 *
 * Every call uses up as many counters as its numbers need, whatever they turn out to be: one for four numbers, or for two
 * integers, float64 numbers, or draws made on the host.
 */
export class Generator {
  private position: GeneratorState;

  /** @param seed a whole number from 0 to 2^53 - 1; from the system's entropy if it is not given. */
  constructor(seed: number = systemSeed()) {
    this.position = { seed: checkedSeed(seed), counter: 0 };
  }

  /** Seed and position in the stream; setting them continues there. */
  get state(): GeneratorState {
    return this.position;
  }

  set state(state: GeneratorState) {
    if (!Number.isSafeInteger(state.counter) || state.counter < 0) {
      throw new ValueError(`a generator's counter is a whole number from 0 up, got ${state.counter}`);
    }
    this.position = { seed: checkedSeed(state.seed), counter: state.counter };
  }

  /** One number in [0, 1), at once, on the host: for decisions of the program itself. */
  random(): number {
    return this.hostStream(1).next();
  }

  /** Numbers spread evenly over `[low, high)` (NumPy's `uniform`); float32 by default. */
  uniform(low = 0, high = 1, shape: ShapeLike = [], options: ArrayOptions = {}): NdArray {
    const dtype = floatingDType("uniform", options);
    if (!Number.isFinite(high - low) || high < low) {
      throw new ValueError(`uniform: low and high must be finite and ascend, got ${low} and ${high}`);
    }
    const limit = low < high ? nextBelow(high, dtype) : high;
    if (dtype !== "float64") return this.draw(uniformKernel, dtype, shape, options, [low, high - low, limit]);
    const unit = this.draw(uniform64Kernel, dtype, shape, options);
    if (low === 0 && high === 1) return unit;
    multiply(unit, high - low, { out: unit });
    add(unit, low, { out: unit });
    return minimum(unit, limit, { out: unit });
  }

  /** Normal numbers with mean `loc` and standard deviation `scale` (NumPy's `normal`); float32 by default. */
  normal(loc = 0, scale = 1, shape: ShapeLike = [], options: ArrayOptions = {}): NdArray {
    const dtype = floatingDType("normal", options);
    checkScale("normal", scale);
    if (dtype !== "float64") return this.draw(normalKernel, dtype, shape, options, [loc, scale]);
    const standard = this.draw(normal64Kernel, dtype, shape, options);
    if (scale !== 1) multiply(standard, scale, { out: standard });
    return loc === 0 ? standard : add(standard, loc, { out: standard });
  }

  /** Uniform numbers in [0, 1), of the shape that the arguments are (NumPy's `rand`). */
  rand(...shape: number[]): NdArray {
    return this.uniform(0, 1, shape);
  }

  /** Standard normal numbers, of the shape that the arguments are (NumPy's `randn`). */
  randn(...shape: number[]): NdArray {
    return this.normal(0, 1, shape);
  }

  /** Waiting times with mean `scale` (NumPy's `exponential`); computed in float32. */
  exponential(scale = 1, shape: ShapeLike = [], options: ArrayOptions = {}): NdArray {
    const dtype = floatingDType("exponential", options);
    checkScale("exponential", scale);
    return this.draw(exponentialKernel, dtype, shape, options, [scale]);
  }

  /** Gumbel's extreme value distribution (NumPy's `gumbel`); computed in float32. */
  gumbel(loc = 0, scale = 1, shape: ShapeLike = [], options: ArrayOptions = {}): NdArray {
    const dtype = floatingDType("gumbel", options);
    checkScale("gumbel", scale);
    return this.draw(gumbelKernel, dtype, shape, options, [loc, scale]);
  }

  /**
   * Whole numbers in `[low, high)`, or in `[0, low)` if `high` is null (NumPy's `randint`); int32 by default.
   *
   * @throws ValueError if there are none, or the dtype does not hold them.
   */
  randint(low: number, high: number | null = null, shape: ShapeLike = [], options: ArrayOptions = {}): NdArray {
    const dtype = options.dtype ?? "int32";
    const [first, end] = high === null ? [0, low] : [low, high];
    const range = dtype === "bool" ? ([0, 1] as const) : rangeOf(dtype);
    if (range === undefined) throw InvalidType.of("randint (dtype)", "an integer dtype", dtype);
    if (!Number.isInteger(first) || !Number.isInteger(end) || first >= end) {
      throw new ValueError(`randint: there are no whole numbers from ${first} to below ${end}`);
    }
    if (first < range[0] || end > range[1] + 1) {
      throw new ValueError(`randint: numbers from ${first} to below ${end} do not fit into ${dtype}`);
    }
    return this.draw(integerKernel, dtype, shape, options, [first >>> 0, (end - first) % 2 ** 32]);
  }

  /** True with probability `p` (an array of them gives its own shape): bool by default, or 0 and 1 in another dtype. */
  bernoulli(p: number | NdArray, shape?: ShapeLike, options: ArrayOptions = {}): NdArray {
    const dtype = options.dtype ?? "bool";
    if (typeof p === "number") {
      if (!(p >= 0 && p <= 1)) throw new ValueError(`bernoulli: a probability lies between 0 and 1, got ${p}`);
      return this.draw(bernoulliKernel, dtype, shape ?? [], options, [p]);
    }
    const numbers = this.uniform(0, 1, shape ?? p.shape, { device: options.device ?? p.device });
    const chosen = less(numbers, p);
    numbers.dispose();
    if (dtype === "bool") return chosen;
    const result = astype(chosen, dtype);
    chosen.dispose();
    return result;
  }

  /**
   * Numbers 0 to n - 1 in random order, int32, or the rows of an array (NumPy's `permutation`). The order is drawn on the
   * host.
   */
  permutation(x: number | NdArray, options: { readonly device?: string } = {}): NdArray {
    if (typeof x === "number") {
      if (!Number.isInteger(x) || x < 0) throw new ValueError(`permutation: expected a number from 0 up, got ${x}`);
      return fromElements(this.order(x), "int32", [x], backendFor(options));
    }
    const order = this.permutation(x.length, { device: x.device });
    const result = take(x, order, { axis: 0 });
    order.dispose();
    return result;
  }

  /** Puts the items of a list, a typed array, or an array's rows in random order, in place (NumPy's `shuffle`). */
  shuffle(x: unknown[] | TypedArray | NdArray): void {
    if (x instanceof NdArray) {
      const shuffled = this.permutation(x);
      copyto(x, shuffled);
      shuffled.dispose();
    } else {
      this.shuffleItems(x);
    }
  }

  /**
   * Elements of a 1-d array (rows, if it has more axes), or of the numbers 0 to a - 1, chosen at random (NumPy's
   * `choice`).
   *
   * @throws ValueError if there are too few to choose from, or probabilities are not such.
   */
  choice(
    a: number | NdArray,
    size: ShapeLike | null = null,
    { replace = true, p = null }: ChoiceOptions = {},
  ): NdArray {
    const count = typeof a === "number" ? a : a.length;
    const shape = size === null ? [] : typeof size === "number" ? [size] : size;
    checkShape(shape);
    const draws = sizeOf(shape);
    if (!Number.isInteger(count) || count < 0 || (count === 0 && draws > 0)) {
      throw new ValueError(`choice: there is nothing to choose from ${count} elements`);
    }
    if (!replace && draws > count) {
      throw new ValueError(`choice: cannot choose ${draws} of ${count} elements without replacement`);
    }
    const where = typeof a === "number" ? {} : { device: a.device };
    const chosen = this.chosen(count, shape, draws, replace, p, where);
    if (typeof a === "number") return chosen;
    const result = take(a, chosen, { axis: 0 });
    chosen.dispose();
    return result;
  }

  private chosen(
    count: number,
    shape: Shape,
    draws: number,
    replace: boolean,
    p: ChoiceOptions["p"],
    where: { readonly device?: string },
  ): NdArray {
    if (p !== null && p !== undefined) {
      const weights = p instanceof NdArray ? readNow(p, "choice", "give p as a list") : p;
      const stream = this.hostStream(replace ? draws : count);
      const picked = weightedChoice(stream, count, draws, weights, replace);
      return fromElements(picked, "int32", shape, backendFor(where));
    }
    if (replace && draws > 0) return this.randint(0, count, shape, where);
    return fromElements(this.order(count).subarray(0, draws), "int32", shape, backendFor(where));
  }

  /** Numbers 0 to n - 1 in random order. */
  private order(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    this.shuffleItems(order);
    return order;
  }

  /** Fisher and Yates' shuffle. */
  private shuffleItems<T>(items: { readonly length: number; [index: number]: T }): void {
    const stream = this.hostStream(Math.max(items.length - 1, 0));
    for (let i = items.length - 1; i > 0; i--) {
      const j = stream.below(i + 1);
      const kept = items[i] as T;
      items[i] = items[j] as T;
      items[j] = kept;
    }
  }

  private draw(
    kernel: BlockKernel,
    dtype: DType,
    shape: ShapeLike,
    options: ArrayOptions,
    scalars?: readonly number[],
  ): NdArray {
    const lengths = typeof shape === "number" ? [shape] : shape;
    checkShape(lengths);
    const result = draw(kernel, this.position, dtype, lengths, backendFor(options), scalars);
    this.advance(blocksOf(kernel, result.size));
    return result;
  }

  private hostStream(draws: number): HostStream {
    const { seed, counter } = this.position;
    this.advance(hostBlocks(draws));
    return new HostStream(seed, counter);
  }

  private advance(blocks: number): void {
    const { seed, counter } = this.position;
    this.position = { seed, counter: counter + blocks };
  }
}

function floatingDType(name: string, { dtype = "float32" }: ArrayOptions): DType {
  if (!isFloating(dtype)) throw InvalidType.of(`${name} (dtype)`, "a floating dtype", dtype);
  return dtype;
}

function checkScale(name: string, scale: number): void {
  if (!(scale >= 0)) throw new ValueError(`${name}: scale must not be negative, got ${scale}`);
}

function checkedSeed(seed: number): number {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new ValueError(`a seed is a whole number from 0 to 2^53 - 1, got ${seed}`);
  }
  return seed;
}

function systemSeed(): number {
  const [low = 0, high = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high >>> 11) * 2 ** 32 + low;
}
