import { cholesky, eye, InvalidType, ones, ValueError, zeros, type NdArray } from "@chain/array";
import { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, numbers } from "../support.js";

/** Groups of channels as lists: for each channel of a group, its elements. */
function groupsOf(x: NdArray, groups: number): number[][][] {
  const [batch, channels, ...rest] = x.shape as [number, number, ...number[]];
  const inner = rest.reduce((product, n) => product * n, 1);
  const values = elements(x);
  const channel = (c: number): number[] =>
    Array.from({ length: batch * inner }, (_, i) => {
      const [n, k] = [Math.floor(i / inner), i % inner];
      return values[(n * channels + c) * inner + k] as number;
    });
  const size = channels / groups;
  const channelsOf = (g: number): number[][] => Array.from({ length: size }, (_, c) => channel(g * size + c));
  return Array.from({ length: groups }, (_, g) => channelsOf(g));
}

const mean = (list: readonly number[]): number => list.reduce((sum, v) => sum + v, 0) / list.length;
const covariance = (a: readonly number[], b: readonly number[]): number =>
  mean(a.map((v, i) => (v - mean(a)) * ((b[i] as number) - mean(b))));
const product = (a: readonly number[][], b: readonly number[][]): number[][] =>
  a.map((row) =>
    (b[0] as number[]).map((_, j) => row.reduce((sum, v, k) => sum + v * ((b[k] as number[])[j] as number), 0)),
  );

describe.each<[number[], number]>([
  [[7, 4], 1],
  [[7, 4], 2],
  [[3, 6, 2, 3], 2],
  [[5, 3, 4], 3],
  // Fewer elements than channels: the covariance is singular but for eps.
  [[3, 5], 1],
  [[1, 2], 1],
])("x of shape %j in %p groups", (shape, groups) => {
  const x = numbers(shape, { seed: 4 });
  const size = (shape[1] as number) / groups;
  const eps = 0.02;

  test("is multiplied by the one root of the inverse covariance", () => {
    const [runningMean, runningProjection] = [
      zeros([groups, size], { dtype: "float64" }),
      zeros([groups, size, size], { dtype: "float64" }),
    ];
    const y = F.decorrelatedBatchNormalization(x, { groups, eps, runningMean, runningProjection, decay: 0 });
    expect(y.shape).toEqual(shape);
    const count = x.size / (shape[1] as number);
    const unbiased = count / Math.max(count - 1, 1);
    const normalized = groupsOf(y.array, groups);
    groupsOf(x, groups).forEach((channels, g) => {
      expectElements(runningMean.get(g), channels.map(mean), 1e-12);
      const projection = (runningProjection.get(g).tolistSync() as number[][]).map((row) =>
        row.map((v) => v / unbiased),
      );
      const symmetric = projection.map((row, i) => row.map((_, j) => (projection[j] as number[])[i] as number));
      projection.forEach((row, i) =>
        row.forEach((v, j) => expect(v).toBeCloseTo((symmetric[i] as number[])[j] as number, 9)),
      );
      // Positive definite, or this throws.
      cholesky(runningProjection.get(g));
      const sigma = channels.map((a, i) => channels.map((b, j) => covariance(a, b) + (i === j ? eps : 0)));
      const whitened = product(product(projection, sigma), projection);
      whitened.forEach((row, i) => row.forEach((v, j) => expect(v).toBeCloseTo(i === j ? 1 : 0, 9)));
      const centered = channels.map((list) => list.map((v) => v - mean(list)));
      const expected = product(projection, centered);
      expected.forEach((row, c) =>
        row.forEach((v, i) => expect((normalized[g] as number[][])[c]?.[i] as number).toBeCloseTo(v, 9)),
      );
    });
  });

  test("gradients", () => checkGradients((v) => F.decorrelatedBatchNormalization(v, { groups, eps }), [x]));

  test("with given statistics", async () => {
    const [means, projections] = [numbers([groups, size], { seed: 5 }), numbers([groups, size, size], { seed: 6 })];
    const y = F.fixedDecorrelatedBatchNormalization(x, means, projections, { groups });
    const normalized = groupsOf(y.array, groups);
    groupsOf(x, groups).forEach((channels, g) => {
      const centered = channels.map((list, c) => list.map((v) => v - means.get(g, c).itemSync()));
      const expected = product(projections.get(g).tolistSync() as number[][], centered);
      const actual = (normalized[g] as number[][]).flat();
      expected.flat().forEach((v, i) => expect(actual[i]).toBeCloseTo(v, 10));
    });
    await checkGradients(
      (v, m, p) => F.fixedDecorrelatedBatchNormalization(v, m, p, { groups }),
      [x, means, projections],
    );
  });
});

test.each(["float32", "float16"] as const)(
  "in %s, with eps as it is by default, channels are decorrelated",
  (dtype) => {
    const base = numbers([200, 1, 3], { seed: 8 });
    const mixed = F.add(
      F.mul(base, ones([1, 8, 1], { dtype: "float64" })),
      F.mul(numbers([200, 8, 3], { seed: 9 }), 0.25),
    );
    const y = F.decorrelatedBatchNormalization(mixed.array.astype(dtype), { groups: 1 });
    expect(y.dtype).toBe(dtype);
    const [channels] = groupsOf(y.array.astype("float64"), 1) as [number[][]];
    const tolerance = dtype === "float16" ? 5e-3 : 1e-3;
    channels.forEach((a, i) =>
      channels.forEach((b, j) => expect(Math.abs(covariance(a, b) - (i === j ? 1 : 0))).toBeLessThan(tolerance)),
    );
  },
);

describe("what is refused", () => {
  const x = new Variable(numbers([4, 6]));
  test("sizes that do not fit", () => {
    expect(() => F.decorrelatedBatchNormalization(x)).toThrow("channels that 16 groups divide, got 6");
    expect(() => F.decorrelatedBatchNormalization(x, { groups: 0 })).toThrow(ValueError);
    expect(() => F.decorrelatedBatchNormalization(x, { groups: 2, eps: 0 })).toThrow("eps must be above 0, got 0");
    expect(() => F.decorrelatedBatchNormalization(numbers([6]), { groups: 1 })).toThrow(InvalidType);
    const runningMean = zeros([2, 2], { dtype: "float64" });
    expect(() => F.decorrelatedBatchNormalization(x, { groups: 2, runningMean })).toThrow("runningMean of shape");
    const identity = eye(3, { dtype: "float64" });
    expect(() => F.fixedDecorrelatedBatchNormalization(x, numbers([2, 3]), identity, { groups: 2 })).toThrow(
      "projection of shape",
    );
    expect(() => F.fixedDecorrelatedBatchNormalization(x, zeros([2, 3]), identity, { groups: 2 })).toThrow(
      "x.dtype == mean.dtype",
    );
  });
});
