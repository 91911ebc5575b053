import { array, InvalidType, ValueError, type NdArray } from "@chain/array";
import { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, integers, numbers } from "../support.js";

const sum = (list: readonly number[]): number => list.reduce((total, v) => total + v, 0);
const logSumExp = (list: readonly number[]): number => Math.log(sum(list.map(Math.exp)));
const rowsOf = (x: NdArray): number[][] => {
  const [rows, columns] = x.shape as readonly [number, number];
  return Array.from({ length: rows }, (_, i) => elements(x).slice(i * columns, (i + 1) * columns));
};
const dot = (a: readonly number[], b: readonly number[]): number => sum(a.map((v, i) => v * (b[i] as number)));
/** All sequences of `length` of the numbers below `count`. */
const sequences = (length: number, count: number): number[][] =>
  length === 0
    ? [[]]
    : sequences(length - 1, count).flatMap((head) => Array.from({ length: count }, (_, i) => [...head, i]));

describe("blackOut", () => {
  const [x, W] = [numbers([3, 2]), numbers([5, 2], { seed: 2 })];
  const t = integers([0, 4, 1]);
  const samples = integers([1, 2, 0, 3, 4, 2], [3, 2]);
  const expected = rowsOf(x).map((row, i) => {
    const score = (id: number): number => dot(row, rowsOf(W)[id] as number[]);
    const right = score(elements(t)[i] as number);
    const wrong = (rowsOf(samples)[i] as number[]).map(score);
    const logZ = logSumExp([right, ...wrong]);
    return -(right - logZ + sum(wrong.map((s) => Math.log(1 - Math.exp(s - logZ)))));
  });

  test("is what its definition says", () => {
    expectElements(F.blackOut(x, t, W, samples), [sum(expected) / 3]);
    expectElements(F.blackOut(x, t, W, samples, { reduce: "no" }), expected);
  });

  test("has the right derivatives", async () => {
    await checkGradients((p, q, s, drawn) => F.blackOut(p, s, q, drawn), [x, W], { fixed: [t, samples] });
  });

  test("refuses what does not fit", () => {
    expect(() => F.blackOut(x, integers([0]), W, samples)).toThrow(
      "blackOut (forward): expected x.shape[0] == t.shape[0], got 3 != 1",
    );
    expect(() => F.blackOut(x, t, numbers([5, 3]), samples)).toThrow(InvalidType);
    expect(() => F.blackOut(x, t, W, samples, { reduce: "sum" as never })).toThrow(ValueError);
  });
});

describe("negativeSampling", () => {
  const [x, W] = [numbers([3, 2]), numbers([5, 2], { seed: 2 })];
  const t = integers([0, -1, 1]);
  const drawn = integers([9, 2, 3, 9, 0, 0, 9, 4, 4], [3, 3]);
  const sampler = (): NdArray => drawn;
  const expected = rowsOf(x).map((row, i) => {
    const right = elements(t)[i] as number;
    if (right === -1) return 0;
    const score = (id: number): number => dot(row, rowsOf(W)[id] as number[]);
    const wrong = (rowsOf(drawn)[i] as number[]).slice(1).map(score);
    return Math.log(1 + Math.exp(-score(right))) + sum(wrong.map((s) => Math.log(1 + Math.exp(s))));
  });

  test("is what its definition says, and returns the samples", () => {
    expectElements(F.negativeSampling(x, t, W, sampler, 2), [sum(expected)]);
    const [loss, samples] = F.negativeSampling(x, t, W, sampler, 2, { reduce: "no", returnSamples: true });
    expectElements(loss, expected);
    expect(elements(samples)).toEqual([0, 2, 3, -1, 0, 0, 1, 4, 4]);
    expect(elements(drawn)[0]).toBe(9);
  });

  test("has the right derivatives", async () => {
    for (const reduce of ["sum", "no"] as const) {
      await checkGradients((p, q, s, d) => F.negativeSampling(p, s, q, () => d.array, 2, { reduce }), [x, W], {
        fixed: [t, drawn],
      });
    }
  });

  test("asks the sampler for a shape, and checks what it gives", () => {
    const shapes: (readonly number[])[] = [];
    F.negativeSampling(x, t, W, (shape) => (shapes.push(shape), drawn), 2);
    expect(shapes).toEqual([[3, 3]]);
    expect(() => F.negativeSampling(x, t, W, sampler, 3)).toThrow(
      "expected samples of shape (3, 4) from the sampler, got (3, 3)",
    );
    expect(() => F.negativeSampling(x, t, numbers([5, 3]), sampler, 2)).toThrow(InvalidType);
  });
});

describe("crf1d and argmaxCrf1d", () => {
  const cost = numbers([2, 2], { seed: 9 });
  // Sequences of lengths 3, 2 and 1, by time.
  const xs = [numbers([3, 2]), numbers([2, 2], { seed: 2 }), numbers([1, 2], { seed: 3 })];
  const ys = [integers([0, 1, 1]), integers([1, 1]), integers([0])];
  const lengths = [3, 2, 1];
  const scoreOf = (sequence: number, path: readonly number[]): number =>
    sum(
      path.map((label, time) => {
        const own = rowsOf(xs[time] as NdArray)[sequence]?.[label] as number;
        return own + (time === 0 ? 0 : (rowsOf(cost)[path[time - 1] as number]?.[label] as number));
      }),
    );
  const given = lengths.map((length, s) =>
    Array.from({ length }, (_, time) => elements(ys[time] as NdArray)[s] as number),
  );
  const expected = lengths.map(
    (length, s) => logSumExp(sequences(length, 2).map((path) => scoreOf(s, path))) - scoreOf(s, given[s] as number[]),
  );

  test("is the negative log-likelihood over all paths", () => {
    expectElements(F.crf1d(cost, xs, ys), [sum(expected) / 3]);
    expectElements(F.crf1d(cost, xs, ys, { reduce: "no" }), expected);
    expectElements(
      F.crf1d(cost, xs.slice(0, 1), ys.slice(0, 1), { reduce: "no" }),
      [0, 1, 2].map((s) => {
        const scores = rowsOf(xs[0] as NdArray)[s] as number[];
        return logSumExp(scores) - (scores[elements(ys[0] as NdArray)[s] as number] as number);
      }),
    );
  });

  test("argmaxCrf1d finds the best path of each sequence", () => {
    const [score, path] = F.argmaxCrf1d(cost, xs);
    const best = lengths.map((length, s) =>
      sequences(length, 2).reduce((a, b) => (scoreOf(s, b) > scoreOf(s, a) ? b : a)),
    );
    expectElements(
      score,
      best.map((p, s) => scoreOf(s, p)),
    );
    expect(path.map((p) => p.dtype)).toEqual(["int32", "int32", "int32"]);
    expect(path.map(elements)).toEqual(
      [0, 1, 2].map((time) => best.filter((p) => p.length > time).map((p) => p[time])),
    );
  });

  test("have the right derivatives", async () => {
    const inputs = [cost, ...xs];
    await checkGradients((c, ...v) => F.crf1d(c, v.slice(0, xs.length), v.slice(xs.length)), inputs, { fixed: ys });
    await checkGradients((c, ...v) => F.argmaxCrf1d(c, v)[0], inputs);
  });

  test("refuse what does not fit", () => {
    expect(() => F.crf1d(cost, [], [])).toThrow(
      "crf1d (forward): expected scores for at least one time, got an empty list",
    );
    expect(() => F.crf1d(cost, xs.toReversed(), ys)).toThrow(InvalidType);
    expect(() => F.crf1d(cost, xs, ys.slice(1))).toThrow(InvalidType);
    expect(() => F.crf1d(numbers([2, 3]), xs, ys)).toThrow(InvalidType);
    expect(() => F.argmaxCrf1d(numbers([3, 3]), xs)).toThrow(
      "argmaxCrf1d (forward): expected xs[0].shape[1] == cost.shape[0], got 2 != 3",
    );
  });
});

describe("connectionistTemporalClassification", () => {
  const [times, classes, blank] = [4, 3, 1];
  const xs = Array.from({ length: times }, (_, i) => numbers([2, classes], { seed: i + 1 }));
  const probabilities = xs.map((x) => rowsOf(x).map((row) => row.map((v) => Math.exp(v - logSumExp(row)))));
  const collapse = (path: readonly number[]): string =>
    path
      .filter((c, i) => c !== path[i - 1])
      .filter((c) => c !== blank)
      .join();
  /** Sums over every path that collapses to the labels. */
  const reference = (sample: number, labels: readonly number[], length = times): number =>
    -Math.log(
      sum(
        sequences(length, classes)
          .filter((path) => collapse(path) === labels.join())
          .map((path) => path.reduce((p, c, time) => p * (probabilities[time]?.[sample]?.[c] as number), 1)),
      ),
    );
  const fn = F.connectionistTemporalClassification;

  test("sums over all alignments", () => {
    const t = integers([0, 2, 2, 2], [2, 2]);
    const expected = [reference(0, [0, 2]), reference(1, [2, 2])];
    expectElements(fn(xs, t, blank), [sum(expected) / 2]);
    expectElements(fn(xs, t, blank, { reduce: "no" }), expected);
    expectElements(fn(xs.slice(0, 1), integers([0, 2], [2, 1]), blank, { reduce: "no" }), [
      reference(0, [0], 1),
      reference(1, [2], 1),
    ]);
  });

  test("takes lengths of inputs and labels, also none", () => {
    const t = integers([0, 2, 2, 0], [2, 2]);
    const expected = [reference(0, [0], 3), reference(1, [2, 0], 4)];
    expectElements(fn(xs, t, blank, integers([3, 4]), integers([1, 2]), { reduce: "no" }), expected);
    const options = { inputLength: integers([3, 4]), labelLength: integers([1, 2]), reduce: "no" } as const;
    expectElements(fn(xs, t, blank, options), expected);
    expectElements(fn(xs, t, blank, null, integers([0, 2]), { reduce: "no" }), [
      reference(0, []),
      reference(1, [2, 0]),
    ]);
  });

  test("has the right derivatives", async () => {
    const labels = (): NdArray => integers([0, 2, 2, 2], [2, 2]);
    await checkGradients((...v) => fn(v, labels(), blank), xs);
    await checkGradients((...v) => fn(v, labels(), blank, integers([2, 4]), integers([1, 2]), { reduce: "no" }), xs);
  });

  test("refuses what does not fit", () => {
    const t = integers([0, 2], [2, 1]);
    expect(() => fn([], t, blank)).toThrow(InvalidType);
    expect(() => fn(xs, integers([0, 2]), blank)).toThrow(InvalidType);
    expect(() => fn(xs, t, 3)).toThrow(ValueError);
    expect(() => fn(xs, t, blank, integers([1]))).toThrow("expected inputLength.shape[0] == x[0].shape[0], got 1 != 2");
  });
});

describe("discriminativeMarginBasedClusteringLoss", () => {
  const embeddings = numbers([2, 2, 2, 3]);
  const labels = integers([1, 1, 2, 0, 2, 1, 1, 0, 0, 1, 1, 0], [2, 2, 3]);
  const fn = F.discriminativeMarginBasedClusteringLoss;

  /** The three terms of one image, from its instances' pixels. */
  function terms(image: number, norm: 1 | 2, deltaV: number, deltaD: number): [number, number, number] {
    const length = (v: readonly number[]): number => (norm === 1 ? sum(v.map(Math.abs)) : Math.hypot(...v));
    const pixels = Array.from({ length: 6 }, (_, i) =>
      [0, 1].map((c) => elements(embeddings)[(image * 2 + c) * 6 + i] as number),
    );
    const groups = [1, 2]
      .map((k) => pixels.filter((_, i) => elements(labels)[image * 6 + i] === k))
      .filter((group) => group.length > 0);
    const means = groups.map((group) => [0, 1].map((c) => sum(group.map((p) => p[c] as number)) / group.length));
    const difference = (a: readonly number[], b: readonly number[]): number[] => a.map((v, i) => v - (b[i] as number));
    const variance = groups.map(
      (group, k) =>
        sum(group.map((p) => Math.max(length(difference(p, means[k] as number[])) - deltaV, 0) ** 2)) / group.length,
    );
    const pairs = means.flatMap((a, i) =>
      means.filter((_, j) => i !== j).map((b) => Math.max(2 * deltaD - length(difference(a, b)), 0) ** 2),
    );
    return [
      sum(variance) / groups.length,
      sum(pairs) / Math.max(pairs.length, 1),
      sum(means.map(length)) / groups.length,
    ];
  }

  test.each([1, 2] as const)("is the mean over instances, then images, with norm %d", (norm) => {
    const images = [terms(0, norm, 0.2, 1.5), terms(1, norm, 0.2, 1.5)];
    const expected = [0, 1, 2].map((k) => sum(images.map((image) => image[k] as number)) / 2);
    const result = fn(embeddings, labels, 0.2, 1.5, 2, { norm, alpha: 2, beta: 3, gamma: 0.5 });
    [2, 3, 0.5].forEach((factor, k) => expectElements(result[k] as Variable, [factor * (expected[k] as number)]));
  });

  test("has the right derivatives", async () => {
    await checkGradients((v, t) => fn(v, t, 0.2, 1.5, 2), [embeddings], { fixed: [labels] });
    await checkGradients((v, t) => fn(v, t, 0.2, 1.5, 2, { norm: 2 }), [embeddings], { fixed: [labels] });
  });

  test("has no NaN where a pixel is its instance's mean, or nothing is labelled", () => {
    const x = new Variable(array([[[[1]], [[2]]]]));
    const [variance, distance, size] = fn(x, integers([1], [1, 1, 1]), 0, 1, 2, { norm: 2 });
    F.add(variance, distance, size).backward();
    expect(elements(x.grad as NdArray).every(Number.isFinite)).toBe(true);
    expect(fn(x, integers([0], [1, 1, 1]), 0, 1, 2).map((v) => elements(v))).toEqual([[0], [0], [0]]);
  });

  test("refuses what does not fit", () => {
    expect(() => fn(embeddings, labels, 1, 1, 3)).toThrow(InvalidType);
    expect(() => fn(embeddings, integers([0, 0], [2, 1, 1]), 1, 1, 2)).toThrow(InvalidType);
    expect(() => fn(embeddings, labels, 1, 1, 2, { norm: 3 as never })).toThrow(ValueError);
  });
});
