import { describe, expect, test } from "@jest/globals";
import * as nx from "../../src/index.js";
import { nextBelow } from "../../src/random/next-below.js";
import { devices } from "../devices.js";

const { random } = nx;

/** Largest distance between the distribution of a sample and a given one (Kolmogorov and Smirnov). */
function distance(sample: ArrayLike<number>, distribution: (x: number) => number): number {
  const sorted = Float64Array.from(sample).sort();
  let largest = 0;
  sorted.forEach((value, i) => {
    const expected = distribution(value);
    largest = Math.max(largest, expected - i / sorted.length, (i + 1) / sorted.length - expected);
  });
  return largest;
}

/** Distances above this come up in one of ten thousand samples of this size. */
const critical = (size: number): number => 2.23 / Math.sqrt(size);

/** Distribution of standard normal numbers. */
const normalDistribution = (x: number): number => {
  const tail = nx.erfc(nx.array([-x / Math.SQRT2], { dtype: "float64", device: "js" }));
  return tail.itemSync() / 2;
};

function moments(sample: ArrayLike<number>): [mean: number, variance: number] {
  const values = Array.from(sample);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return [mean, values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length];
}

describe.each(devices)("distributions on %s", (device) => {
  const size = 4000;
  const shape = [size];

  test.each(["float16", "float32", "float64"] as const)("uniform and normal %s", async (dtype) => {
    const generator = new nx.Generator(17);
    const uniform = await generator.uniform(-2, 3, shape, { dtype, device }).data();
    expect(distance(uniform, (x) => (x + 2) / 5)).toBeLessThan(critical(size));
    expect(uniform.every((x) => x >= -2 && x < 3)).toBe(true);
    const normal = await generator.normal(1, 2, shape, { dtype, device }).data();
    expect(distance(normal.slice(0, 1000), (x) => normalDistribution((x - 1) / 2))).toBeLessThan(critical(1000));
    const [mean, variance] = moments(normal);
    expect(Math.abs(mean - 1)).toBeLessThan((4 * 2) / Math.sqrt(size));
    expect(Math.abs(variance - 4)).toBeLessThan(4 * 4 * Math.sqrt(2 / size));
  });

  test("exponential and gumbel", async () => {
    const generator = new nx.Generator(18);
    const waiting = await generator.exponential(2, shape, { device }).data();
    expect(distance(waiting, (x) => 1 - Math.exp(-x / 2))).toBeLessThan(critical(size));
    const extreme = await generator.gumbel(1, 0.5, shape, { device }).data();
    expect(distance(extreme, (x) => Math.exp(-Math.exp(-(x - 1) / 0.5)))).toBeLessThan(critical(size));
  });

  test("whole numbers are equally frequent and stay in their range", async () => {
    const generator = new nx.Generator(19);
    const counts = new Map<number, number>();
    for (const value of await generator.randint(-3, 4, [7000], { device }).data()) {
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-3, -2, -1, 0, 1, 2, 3]);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(1000));
    const all = await generator.randint(0, 2 ** 32, shape, { dtype: "uint32", device }).data();
    expect(distance(all, (x) => x / 2 ** 32)).toBeLessThan(critical(size));
    const signed = await generator.randint(-(2 ** 31), 2 ** 31, shape, { device }).data();
    expect(distance(signed, (x) => x / 2 ** 32 + 0.5)).toBeLessThan(critical(size));
    expect(new Set(await generator.randint(2, null, [100], { dtype: "bool", device }).data())).toEqual(new Set([0, 1]));
  });

  test("bernoulli", async () => {
    const generator = new nx.Generator(20);
    const chosen = generator.bernoulli(0.3, shape, { device });
    expect(chosen.dtype).toBe("bool");
    expect(Math.abs(moments(await chosen.data())[0] - 0.3)).toBeLessThan(4 * Math.sqrt(0.21 / size));
    const certain = nx.array([0, 1, 0, 1], { device });
    expect(await generator.bernoulli(certain, undefined, { dtype: "int32" }).tolist()).toEqual([0, 1, 0, 1]);
    expect(await generator.bernoulli(1, [3], { device }).tolist()).toEqual([true, true, true]);
  });

  test("the same stream as on the reference device", async () => {
    const draws = async (on: string): Promise<number[][]> => {
      const generator = new nx.Generator(21);
      const options = { device: on };
      return [
        [...(await generator.uniform(0, 1, [3, 5], options).data())],
        [...(await generator.randint(0, 1000, [9], options).data())],
        [...(await generator.bernoulli(0.5, [9], options).data())],
        [...(await generator.permutation(10, options).data())],
      ];
    };
    expect(await draws(device)).toEqual(await draws("js"));
  });

  test("permutation of rows, shuffle in place, choice of rows", async () => {
    const generator = new nx.Generator(22);
    const x = nx.arange(12, { device }).reshape(6, 2);
    const permuted = (await generator.permutation(x).tolist()) as number[][];
    expect(permuted.toSorted((a, b) => (a[0] as number) - (b[0] as number))).toEqual(await x.tolist());
    expect(permuted).not.toEqual(await x.tolist());
    generator.shuffle(x);
    expect(((await x.tolist()) as number[][]).every(([a, b]) => b === (a as number) + 1)).toBe(true);
    const rows = generator.choice(x, [3], { replace: false });
    expect(rows.shape).toEqual([3, 2]);
    expect(new Set(((await rows.tolist()) as number[][]).map(([a]) => a)).size).toBe(3);
  });
});

describe("states", () => {
  test("equal seeds give equal streams, others others", () => {
    const draw = (seed: number): unknown => new nx.Generator(seed).uniform(0, 1, [5]).tolistSync();
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(1)).not.toEqual(draw(1 + 2 ** 32));
  });

  test("a state is plain JSON, and continues the stream wherever it was taken", () => {
    const generator = new nx.Generator(5);
    generator.normal(0, 1, [7]);
    const saved = JSON.parse(JSON.stringify(generator.state)) as nx.GeneratorState;
    const draws = (g: nx.Generator): unknown[] => [
      g.random(),
      g.uniform(0, 1, [5]).tolistSync(),
      g.normal(0, 1, [3]).tolistSync(),
      g.permutation(6).tolistSync(),
      g.choice(4, 2, { p: [0.1, 0.2, 0.3, 0.4] }).tolistSync(),
    ];
    const first = draws(generator);
    const other = new nx.Generator(99);
    other.state = saved;
    expect(draws(other)).toEqual(first);
    expect(other.state).toEqual(generator.state);
  });

  test.each<[string, (g: nx.Generator) => unknown, number]>([
    ["uniform(9)", (g) => g.uniform(0, 1, 9), 3],
    ["uniform(9) in float64", (g) => g.uniform(0, 1, 9, { dtype: "float64" }), 5],
    ["normal(4)", (g) => g.normal(0, 1, [2, 2]), 1],
    ["randint(5)", (g) => g.randint(0, 3, 5), 3],
    ["random()", (g) => g.random(), 1],
    ["permutation(10)", (g) => g.permutation(10), 5],
    ["permutation(1)", (g) => g.permutation(1), 0],
    ["shuffle of 4", (g) => g.shuffle([1, 2, 3, 4]), 2],
    ["nothing", (g) => g.uniform(0, 1, [0, 3]), 0],
  ])("%s uses up a number of counters that is known beforehand", (_, call, blocks) => {
    const generator = new nx.Generator(1);
    call(generator);
    expect(generator.state.counter).toBe(blocks);
  });

  test("the default generator", () => {
    random.seed(42);
    const first = [random.random(), random.rand(2, 3).tolistSync(), random.randn(4).tolistSync()];
    const state = random.getState();
    const next = random.uniform(0, 1, [3]).tolistSync();
    random.setState(state);
    expect(random.uniform(0, 1, [3]).tolistSync()).toEqual(next);
    random.seed(42);
    expect([random.random(), random.rand(2, 3).tolistSync(), random.randn(4).tolistSync()]).toEqual(first);
    expect(random.defaultGenerator().state.seed).toBe(42);
  });

  test("without a seed, two generators differ", () => {
    expect(new nx.Generator().state.seed).not.toBe(new nx.Generator().state.seed);
  });
});

describe("drawing on the host", () => {
  test("shuffling lists and typed arrays keeps their items", () => {
    const generator = new nx.Generator(6);
    const list = ["a", "b", "c", "d", "e", "f"];
    generator.shuffle(list);
    expect(list).not.toEqual(["a", "b", "c", "d", "e", "f"]);
    expect(list.toSorted()).toEqual(["a", "b", "c", "d", "e", "f"]);
    const numbers = Int32Array.from({ length: 100 }, (_, i) => i);
    generator.shuffle(numbers);
    expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  test("every order of three comes up equally often", () => {
    const generator = new nx.Generator(7);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const key = String(generator.permutation(3).tolistSync());
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(1000));
  });

  test("choice by probabilities, with and without replacement", () => {
    const generator = new nx.Generator(8);
    const p = [0.5, 0, 0.2, 0.3];
    const counts = nx.bincount(generator.choice(4, 10_000, { p }), { minlength: 4 }).dataSync();
    p.forEach((share, i) => expect(Math.abs((counts[i] as number) / 10_000 - share)).toBeLessThan(0.02));
    for (let i = 0; i < 50; i++) {
      const three = generator.choice(4, 3, { p: nx.array(p), replace: false }).tolistSync() as number[];
      expect(three.toSorted((a, b) => a - b)).toEqual([0, 2, 3]);
    }
    // The first of two draws without replacement has the probabilities themselves.
    let first = 0;
    for (let i = 0; i < 2000; i++)
      first += Number(generator.choice(2, 1, { p: [0.2, 0.8], replace: false }).itemSync() === 0);
    expect(Math.abs(first / 2000 - 0.2)).toBeLessThan(0.04);
    expect(generator.choice(5).shape).toEqual([]);
    expect(generator.choice(5, [2, 3]).shape).toEqual([2, 3]);
  });
});

test("uniform numbers never reach the upper end, whatever rounding does", () => {
  for (const [high, dtype] of [
    [2, "float32"],
    [2, "float16"],
    [0.1, "float32"],
    [0.1, "float16"],
    [-1, "float16"],
    [0, "float32"],
    [3, "float64"],
  ] as const) {
    const below = nextBelow(high, dtype);
    expect(below).toBeLessThan(high);
    expect(nx.array([below], { dtype }).itemSync()).toBe(below);
    expect(high - below).toBeLessThan(0.002);
  }
  const narrow = new nx.Generator(1).uniform(1, 1 + 2 ** -22, [1000]).dataSync();
  expect(new Set(narrow)).toEqual(new Set([1, 1 + 2 ** -23]));
  expect(new nx.Generator(1).uniform(4, 4, [2]).tolistSync()).toEqual([4, 4]);
});

test("bad input", () => {
  const generator = new nx.Generator(0);
  for (const seed of [-1, 1.5, NaN, 2 ** 53]) expect(() => new nx.Generator(seed)).toThrow(nx.ValueError);
  expect(() => (generator.state = { seed: 0, counter: -1 })).toThrow(nx.ValueError);
  expect(() => generator.uniform(1, 0)).toThrow(nx.ValueError);
  expect(() => generator.uniform(0, Infinity)).toThrow(nx.ValueError);
  expect(() => generator.uniform(0, 1, [2], { dtype: "int32" })).toThrow(nx.InvalidType);
  expect(() => generator.uniform(0, 1, [-1])).toThrow(nx.ValueError);
  expect(() => generator.normal(0, -1)).toThrow(nx.ValueError);
  expect(() => generator.randint(3, 3)).toThrow(nx.ValueError);
  expect(() => generator.randint(0.5, 3)).toThrow(nx.ValueError);
  expect(() => generator.randint(0, 257, [1], { dtype: "uint8" })).toThrow(/do not fit into uint8/);
  expect(() => generator.randint(0, 2, [1], { dtype: "float32" })).toThrow(nx.InvalidType);
  expect(() => generator.bernoulli(1.5, [2])).toThrow(nx.ValueError);
  expect(() => generator.permutation(-1)).toThrow(nx.ValueError);
  expect(() => generator.choice(3, 4, { replace: false })).toThrow(nx.ValueError);
  expect(() => generator.choice(0, 1)).toThrow(nx.ValueError);
  expect(() => generator.choice(2, 1, { p: [0.5, 0.6] })).toThrow(/add up to 1.1/);
  expect(() => generator.choice(2, 1, { p: [1.5, -0.5] })).toThrow(nx.ValueError);
  expect(() => generator.choice(2, 1, { p: [1] })).toThrow(nx.ValueError);
  expect(() => generator.choice(2, 2, { p: [1, 0], replace: false })).toThrow(nx.ValueError);
});
