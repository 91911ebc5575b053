import { array, InvalidType, ValueError, type NdArray } from "@chain/array";
import { Variable, type CheckedFunction } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, gradientOf, inLayouts, integers, numbers } from "../support.js";

const sum = (list: readonly number[]): number => list.reduce((total, v) => total + v, 0);
const mean = (list: readonly number[]): number => sum(list) / list.length;
const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

const x = numbers([3, 4]);
const y = numbers([3, 4], { seed: 2 });
const z = numbers([3, 4], { seed: 3 });
const pairs = (f: (a: number, b: number) => number): number[] =>
  elements(x).map((a, i) => f(a, elements(y)[i] as number));
const triples = (f: (a: number, b: number, c: number) => number): number[] =>
  pairs((a, b) => f(a, b, 0)).map((_, i) =>
    f(elements(x)[i] as number, elements(y)[i] as number, elements(z)[i] as number),
  );
/** Sums of rows of four. */
const rows = (list: readonly number[]): number[] => [0, 1, 2].map((row) => sum(list.slice(4 * row, 4 * row + 4)));

const labels = integers([3, 0, 1]);
const bits = integers([0, 1, -1, 1, 1, 0, 1, -1, 0, 0, 1, 1], [3, 4]);
const similar = integers([1, 0, 0]);

const bitLosses = elements(x).map((score, i) => {
  const bit = elements(bits)[i] as number;
  return bit === -1 ? 0 : -Math.log(bit === 1 ? logistic(score) : 1 - logistic(score));
});
const margins = elements(x).map((score, i) =>
  Math.max(0, 1 + ((elements(labels)[Math.floor(i / 4)] as number) === i % 4 ? -score : score)),
);
const contrasts = rows(pairs((a, b) => (a - b) ** 2)).map((d, i) =>
  i === 0 ? d / 2 : Math.max(3 - Math.sqrt(d), 0) ** 2 / 2,
);
const triplets = rows(triples((a, p, n) => (a - p) ** 2 - (a - n) ** 2)).map((d) => Math.max(d + 4, 0));
const huber = pairs((a, b) => (Math.abs(a - b) <= 1.2 ? (a - b) ** 2 / 2 : 1.2 * (Math.abs(a - b) - 0.6)));
const bernoulli = pairs((a, b) => -a * Math.log(logistic(b)) - (1 - a) * Math.log(1 - logistic(b)));
const gauss = triples((a, m, v) => (Math.log(2 * Math.PI) + v + (a - m) ** 2 / Math.exp(v)) / 2);
const kl = pairs((m, v) => (m * m + Math.exp(v) - v - 1) / 2);

interface Case {
  readonly name: string;
  readonly fn: CheckedFunction;
  readonly inputs: readonly NdArray[];
  /** Further arguments, which have no gradient. */
  readonly fixed?: readonly NdArray[];
  readonly expected: readonly number[];
}

const two = [x, y];
const three = [x, y, z];

const cases: readonly Case[] = [
  {
    name: "meanSquaredError",
    fn: (a, b) => F.meanSquaredError(a, b),
    inputs: two,
    expected: [mean(pairs((a, b) => (a - b) ** 2))],
  },
  {
    name: "meanAbsoluteError",
    fn: (a, b) => F.meanAbsoluteError(a, b),
    inputs: two,
    expected: [mean(pairs((a, b) => Math.abs(a - b)))],
  },
  {
    name: "squaredError",
    fn: (a, b) => F.squaredError(a, b),
    inputs: two,
    expected: pairs((a, b) => (a - b) ** 2),
  },
  {
    name: "squaredDifference",
    fn: (a, b) => F.squaredDifference(a, b),
    inputs: two,
    expected: pairs((a, b) => (a - b) ** 2),
  },
  {
    name: "absoluteError",
    fn: (a, b) => F.absoluteError(a, b),
    inputs: two,
    expected: pairs((a, b) => Math.abs(a - b)),
  },
  {
    name: "huberLoss",
    fn: (a, b) => F.huberLoss(a, b, 1.2),
    inputs: two,
    expected: rows(huber),
  },
  {
    name: "huberLoss, not reduced",
    fn: (a, b) => F.huberLoss(a, b, 1.2, { reduce: "no" }),
    inputs: two,
    expected: huber,
  },
  {
    name: "sigmoidCrossEntropy",
    fn: (a, t) => F.sigmoidCrossEntropy(a, t),
    inputs: [x],
    fixed: [bits],
    expected: [sum(bitLosses) / 10],
  },
  {
    name: "sigmoidCrossEntropy, not normalized",
    fn: (a, t) => F.sigmoidCrossEntropy(a, t, { normalize: false }),
    inputs: [x],
    fixed: [bits],
    expected: [sum(bitLosses) / 3],
  },
  {
    name: "sigmoidCrossEntropy, not reduced",
    fn: (a, t) => F.sigmoidCrossEntropy(a, t, { reduce: "no" }),
    inputs: [x],
    fixed: [bits],
    expected: bitLosses,
  },
  { name: "hinge", fn: (a, t) => F.hinge(a, t), inputs: [x], fixed: [labels], expected: [sum(margins) / 3] },
  {
    name: "hinge, L2",
    fn: (a, t) => F.hinge(a, t, { norm: "L2" }),
    inputs: [x],
    fixed: [labels],
    expected: [sum(margins.map((m) => m * m)) / 3],
  },
  {
    name: "hinge, not reduced",
    fn: (a, t) => F.hinge(a, t, { reduce: "no" }),
    inputs: [x],
    fixed: [labels],
    expected: margins,
  },
  {
    name: "hinge, L2, not reduced",
    fn: (a, t) => F.hinge(a, t, { norm: "L2", reduce: "no" }),
    inputs: [x],
    fixed: [labels],
    expected: margins.map((m) => m * m),
  },
  {
    name: "contrastive",
    fn: (a, b, t) => F.contrastive(a, b, t, { margin: 3 }),
    inputs: two,
    fixed: [similar],
    expected: [mean(contrasts)],
  },
  {
    name: "contrastive, not reduced",
    fn: (a, b, t) => F.contrastive(a, b, t, { margin: 3, reduce: "no" }),
    inputs: two,
    fixed: [similar],
    expected: contrasts,
  },
  {
    name: "triplet",
    fn: (a, b, c) => F.triplet(a, b, c, { margin: 4 }),
    inputs: three,
    expected: [mean(triplets)],
  },
  {
    name: "triplet, not reduced",
    fn: (a, b, c) => F.triplet(a, b, c, { margin: 4, reduce: "no" }),
    inputs: three,
    expected: triplets,
  },
  {
    name: "bernoulliNll",
    fn: (a, b) => F.bernoulliNll(a, b),
    inputs: two,
    expected: [sum(bernoulli)],
  },
  {
    name: "bernoulliNll, mean",
    fn: (a, b) => F.bernoulliNll(a, b, { reduce: "mean" }),
    inputs: two,
    expected: [mean(bernoulli)],
  },
  {
    name: "bernoulliNll, not reduced",
    fn: (a, b) => F.bernoulliNll(a, b, { reduce: "no" }),
    inputs: two,
    expected: bernoulli,
  },
  {
    name: "gaussianNll",
    fn: (a, b, c) => F.gaussianNll(a, b, c),
    inputs: three,
    expected: [sum(gauss)],
  },
  {
    name: "gaussianNll, not reduced",
    fn: (a, b, c) => F.gaussianNll(a, b, c, { reduce: "no" }),
    inputs: three,
    expected: gauss,
  },
  {
    name: "gaussianKlDivergence",
    fn: (a, b) => F.gaussianKlDivergence(a, b),
    inputs: two,
    expected: [sum(kl)],
  },
  {
    name: "gaussianKlDivergence, mean",
    fn: (a, b) => F.gaussianKlDivergence(a, b, { reduce: "mean" }),
    inputs: two,
    expected: [mean(kl)],
  },
];

describe.each(cases)("$name", ({ fn, inputs, fixed = [], expected }) => {
  test("is what its definition says, in every layout and dtype", () => {
    for (const [, xs] of inLayouts(inputs)) {
      const result = fn(...[...xs, ...fixed].map((a) => new Variable(a))) as Variable;
      expect(result.dtype).toBe("float64");
      expectElements(result, expected, 1e-10);
    }
    const narrow = fn(...[...inputs.map((a) => a.astype("float32")), ...fixed].map((a) => new Variable(a))) as Variable;
    expect(narrow.dtype).toBe("float32");
    expectElements(narrow, expected, 1e-5);
  });

  test("has the right derivatives", async () => {
    await checkGradients(fn, inputs, { fixed });
  });
});

/** Covariances of columns, with the mean of each column taken away. */
function covariances(a: NdArray, b: NdArray): number[][] {
  const columns = (m: NdArray): number[][] =>
    Array.from({ length: m.shape[1] as number }, (_column, c) => {
      const column = elements(m).filter((_, i) => i % (m.shape[1] as number) === c);
      return column.map((v) => v - mean(column));
    });
  return columns(a).map((p) => columns(b).map((q) => sum(p.map((v, i) => v * (q[i] as number))) / p.length));
}

describe("crossCovariance and decov", () => {
  const [a, b] = [numbers([5, 2]), numbers([5, 3], { seed: 2 })];
  const cross = covariances(a, b).flat();
  const own = covariances(b, b)
    .map((row, i) => row.map((v, j) => (i === j ? 0 : v)))
    .flat();

  test("are half the sum of the squared covariances", () => {
    expectElements(F.crossCovariance(a, b), [sum(cross.map((c) => c * c)) / 2]);
    expectElements(F.crossCovariance(a, b, { reduce: "no" }), cross);
    expectElements(F.decov(b), [sum(own.map((c) => c * c)) / 2]);
    expectElements(F.decov(b, { reduce: "no" }), own);
  });

  test("have the right derivatives", async () => {
    await checkGradients((p, q) => F.crossCovariance(p, q), [a, b]);
    await checkGradients((p, q) => F.crossCovariance(p, q, { reduce: "no" }), [a, b]);
    await checkGradients((p) => F.decov(p), [b]);
    await checkGradients((p) => F.decov(p, { reduce: "no" }), [b]);
  });

  test("refuse what does not fit", () => {
    expect(() => F.crossCovariance(a, numbers([4, 3]))).toThrow(
      "crossCovariance (forward): expected y.shape[0] == z.shape[0], got 5 != 4",
    );
    expect(() => F.crossCovariance(a, b.astype("float32"))).toThrow(InvalidType);
    expect(() => F.decov(numbers([3]))).toThrow(InvalidType);
    expect(() => F.decov(a, { reduce: "sum" as never })).toThrow(ValueError);
  });
});

describe("at points without a derivative", () => {
  const pair = (a: number, b: number): [NdArray, NdArray] => [
    array([[a]], { dtype: "float64" }),
    array([[b]], { dtype: "float64" }),
  ];

  test("equal elements have slope 0", () => {
    const [a, b] = pair(2, 2);
    expectElements(
      gradientOf((v) => F.absoluteError(v, b), a),
      [0],
    );
    expectElements(
      gradientOf((v) => F.meanAbsoluteError(v, b), a),
      [0],
    );
  });

  test("hinge and triplet have slope 0 where the margin is just kept", () => {
    expectElements(
      gradientOf((v) => F.hinge(v, integers([0])), pair(1, 0)[0]),
      [0],
    );
    const [a, b] = pair(1, 1);
    const c = array([[1 + Math.SQRT2]], { dtype: "float64" });
    const violation = elements(F.triplet(a, b, c, { margin: 2 }))[0] as number;
    expect(violation).toBeLessThan(1e-12);
  });

  test("contrastive has slope 0 where dissimilar samples coincide", () => {
    const [a, b] = pair(2, 2);
    expectElements(
      gradientOf((v) => F.contrastive(v, b, integers([0])), a),
      [0],
    );
    expectElements(F.contrastive(a, b, integers([0])), [0.5]);
  });

  test("huberLoss has slope delta at its bend", () => {
    const [a, b] = pair(3, 1);
    expectElements(
      gradientOf((v) => F.huberLoss(v, b, 2), a),
      [2],
    );
  });
});

describe("labels and large scores", () => {
  test("sigmoidCrossEntropy survives large scores, ignores -1, and is 0 if nothing counts", () => {
    const scores = array([[1000, -1000, 1000]], { dtype: "float64" });
    expectElements(F.sigmoidCrossEntropy(scores, integers([1, 1, -1], [1, 3]), { reduce: "no" }), [0, 1000, 0]);
    expectElements(F.sigmoidCrossEntropy(scores, integers([-1, -1, -1], [1, 3])), [0]);
    const bytes = array([[1, 0, 1]], { dtype: "uint8" });
    expectElements(F.sigmoidCrossEntropy(scores, bytes), [0]);
  });
});

test.each<[string, () => unknown]>([
  ["meanSquaredError", () => F.meanSquaredError(x, numbers([4, 3]))],
  ["meanSquaredError", () => F.meanSquaredError(x, y.astype("float32"))],
  ["meanSquaredError", () => F.meanSquaredError(integers([1]), integers([1]))],
  ["meanAbsoluteError", () => F.meanAbsoluteError(x, numbers([4]))],
  ["squaredError", () => F.squaredError(x, numbers([4]))],
  ["absoluteError", () => F.absoluteError(x, numbers([4]))],
  ["huberLoss", () => F.huberLoss(x, numbers([4]), 1)],
  ["huberLoss", () => F.huberLoss(numbers([4]), numbers([4]), 1)],
  ["sigmoidCrossEntropy", () => F.sigmoidCrossEntropy(x, labels)],
  ["sigmoidCrossEntropy", () => F.sigmoidCrossEntropy(x, y)],
  ["hinge", () => F.hinge(x, integers([0, 1]))],
  ["hinge", () => F.hinge(x, y)],
  ["contrastive", () => F.contrastive(x, y, labels.astype("float32"))],
  ["contrastive", () => F.contrastive(x, numbers([3, 3]), similar)],
  ["triplet", () => F.triplet(x, y, numbers([3, 3]))],
  ["bernoulliNll", () => F.bernoulliNll(x, numbers([4]))],
  ["gaussianNll", () => F.gaussianNll(x, y, numbers([4]))],
  ["gaussianKlDivergence", () => F.gaussianKlDivergence(x, numbers([4]))],
])("%s refuses what does not fit", (name, call) => {
  expect(call).toThrow(InvalidType);
  expect(call).toThrow(`${name} (forward): expected`);
});

test.each<[string, () => unknown]>([
  ["huberLoss", () => F.huberLoss(x, y, 1, { reduce: "mean" as never })],
  ["sigmoidCrossEntropy", () => F.sigmoidCrossEntropy(x, bits, { reduce: "sum" as never })],
  ["hinge", () => F.hinge(x, labels, { norm: "L3" as never })],
  ["contrastive", () => F.contrastive(x, y, similar, { margin: 0 })],
  ["triplet", () => F.triplet(x, y, z, { margin: -1 })],
  ["gaussianNll", () => F.gaussianNll(x, y, z, { reduce: "all" as never })],
])("%s refuses values that make no sense", (name, call) => {
  expect(call).toThrow(ValueError);
  expect(call).toThrow(`${name}:`);
});
