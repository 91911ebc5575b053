import { array, InvalidType, ValueError, type NdArray } from "@chain/array";
import { usingConfig, Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, inLayouts, integers, numbers } from "../support.js";

/** `-log softmax(x)[t]` of each row of `(batch, classes, places)`, 0 where the label is ignored. */
function losses(x: NdArray, t: NdArray, ignoreLabel = -1, weights: readonly number[] | null = null): number[] {
  const [values, labels] = [elements(x), elements(t)];
  const [batch, classes] = x.shape as readonly [number, number];
  const places = values.length / (batch * classes);
  return labels.map((label, at) => {
    if (label === ignoreLabel) return 0;
    const [row, place] = [Math.floor(at / places), at % places];
    const scores = Array.from({ length: classes }, (_, c) => values[(row * classes + c) * places + place] as number);
    const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
    return (weights?.[label] ?? 1) * (Math.log(total) - (scores[label] as number));
  });
}

const sum = (list: readonly number[]): number => list.reduce((total, v) => total + v, 0);

describe("softmaxCrossEntropy", () => {
  const x = numbers([4, 3], { low: -4, high: 4 });
  const t = integers([0, 2, -1, 1]);

  test("averages over the labels that are not ignored", () => {
    const each = losses(x, t);
    for (const [, [p, q]] of inLayouts([x, t])) {
      expectElements(F.softmaxCrossEntropy(p as NdArray, q as NdArray), [sum(each) / 3]);
      expectElements(F.softmaxCrossEntropy(p as NdArray, q as NdArray, { reduce: "no" }), each);
    }
    expectElements(F.softmaxCrossEntropy(x, t, { normalize: false }), [sum(each) / 4]);
    const narrow = F.softmaxCrossEntropy(x.astype("float32"), t);
    expect([narrow.shape, narrow.dtype]).toEqual([[], "float32"]);
    expectElements(narrow, [sum(each) / 3]);
  });

  test("takes another label to ignore, and labels of other dtypes", () => {
    expectElements(F.softmaxCrossEntropy(x, integers([0, 2, 1, 1]), { ignoreLabel: 1 }), [
      sum(losses(x, integers([0, 2, 1, 1]), 1)) / 2,
    ]);
    for (const dtype of ["uint8", "uint32"] as const) {
      const labels = integers([0, 2, 1, 1]);
      expectElements(F.softmaxCrossEntropy(x, labels.astype(dtype)), [sum(losses(x, labels)) / 4]);
    }
  });

  test("weighs classes without changing the divisor, wherever weights are given", () => {
    const weights = [0.5, 2, 3];
    const classWeight = array(weights, { dtype: "float64" });
    const expected = losses(x, t, -1, weights);
    expectElements(F.softmaxCrossEntropy(x, t, classWeight), [sum(expected) / 3]);
    expectElements(F.softmaxCrossEntropy(x, t, { classWeight, reduce: "no" }), expected);
    expectElements(F.softmaxCrossEntropy(x, t, classWeight, { normalize: false }), [sum(expected) / 4]);
    expectElements(F.softmaxCrossEntropy(x.astype("float32"), t, classWeight.astype("float32")), [sum(expected) / 3]);
  });

  test("takes more axes, of which the second is the classes", async () => {
    const images = numbers([2, 3, 2, 2]);
    const labels = integers([0, 1, 2, -1, 1, 1, 0, 2], [2, 2, 2]);
    const each = losses(images, labels);
    expectElements(F.softmaxCrossEntropy(images, labels), [sum(each) / 7]);
    const apart = F.softmaxCrossEntropy(images, labels, { reduce: "no" });
    expect(apart.shape).toEqual([2, 2, 2]);
    expectElements(apart, each);
    await checkGradients((v, s) => F.softmaxCrossEntropy(v, s), [images], { fixed: [labels] });
    await checkGradients((v, s, w) => F.softmaxCrossEntropy(v, s, w, { reduce: "no" }), [images], {
      fixed: [labels, numbers([3], { low: 0.1 })],
    });
  });

  test("has the right derivatives", async () => {
    await checkGradients((v, s) => F.softmaxCrossEntropy(v, s), [x], { fixed: [t] });
    await checkGradients((v, s) => F.softmaxCrossEntropy(v, s, { normalize: false }), [x], { fixed: [t] });
    await checkGradients((v, s) => F.softmaxCrossEntropy(v, s, { reduce: "no" }), [x], { fixed: [t] });
    await checkGradients((v, s, w) => F.softmaxCrossEntropy(v, s, w), [x], {
      fixed: [t, array([1, 2, 0.5], { dtype: "float64" })],
    });
  });

  test("is 0, with gradient 0, if nothing counts", () => {
    const scores = new Variable(numbers([2, 3]));
    const loss = F.softmaxCrossEntropy(scores, integers([-1, -1]));
    expectElements(loss, [0]);
    loss.backward();
    expectElements(scores.grad as NdArray, [0, 0, 0, 0, 0, 0]);
    expectElements(F.softmaxCrossEntropy(numbers([0, 3]), integers([])), [0]);
  });

  test("survives large scores", () => {
    const scores = new Variable(
      array([
        [1000, 0],
        [-1000, -1001],
      ]),
    );
    const loss = F.softmaxCrossEntropy(scores, integers([1, 0]), { reduce: "no" });
    expectElements(loss, [1000, Math.log1p(Math.exp(-1))]);
    F.sum(loss).backward();
    const p = 1 / (1 + Math.exp(-1));
    expectElements(scores.grad as NdArray, [1, -1, p - 1, 1 - p]);
  });

  test("checks labels in debug mode", () => {
    const call = (): Variable => F.softmaxCrossEntropy(x, integers([0, 3, 1, 1]));
    expect(() => usingConfig("debug", true, call)).toThrow(
      "softmaxCrossEntropy: every label t satisfies 0 <= t < 3 or t == -1",
    );
    expect(call).not.toThrow();
    usingConfig("debug", true, () => F.softmaxCrossEntropy(x, t));
  });

  test("refuses what does not fit", () => {
    expect(() => F.softmaxCrossEntropy(x, integers([0, 1]))).toThrow(
      "softmaxCrossEntropy (forward): expected t.shape == x.shape without axis 1, (4,), got (2,)",
    );
    expect(() => F.softmaxCrossEntropy(x, numbers([4]))).toThrow(InvalidType);
    expect(() => F.softmaxCrossEntropy(x, array([true, false, true, true]))).toThrow(InvalidType);
    expect(() => F.softmaxCrossEntropy(numbers([3]), integers([0]))).toThrow(InvalidType);
    expect(() => F.softmaxCrossEntropy(integers([1, 2], [1, 2]), integers([0]))).toThrow(InvalidType);
    expect(() => F.softmaxCrossEntropy(x, t, numbers([2]))).toThrow(
      "expected classWeight.shape[0] == x.shape[1], got 2 != 3",
    );
    expect(() => F.softmaxCrossEntropy(x, t, { reduce: "sum" as never })).toThrow(ValueError);
  });
});

describe("softmaxCrossEntropy with soft targets", () => {
  const x = numbers([2, 3, 2]);
  const t = F.softmax(numbers([2, 3, 2], { seed: 9 })).array;
  const [values, targets] = [elements(F.logSoftmax(x)), elements(t)];
  const reference = (term: (p: number, logY: number) => number): number[] =>
    [0, 1, 6, 7].map((start) =>
      sum([0, 2, 4].map((c) => term(targets[start + c] as number, values[start + c] as number))),
    );
  const crossEntropy = reference((p, logY) => -p * logY);
  const divergence = reference((p, logY) => p * (Math.log(p + 1e-7) - logY));

  test("averages over all samples", () => {
    expectElements(F.softmaxCrossEntropy(x, t), [sum(crossEntropy) / 4]);
    expectElements(F.softmaxCrossEntropy(x, t, { reduce: "no" }), crossEntropy);
    expectElements(F.softmaxCrossEntropy(x, t, { softTargetLoss: "kl-divergence" }), [sum(divergence) / 4]);
    expectElements(F.softmaxCrossEntropy(x, t, { softTargetLoss: "kl-divergence", reduce: "no" }), divergence);
  });

  test("has the right derivatives, by the scores only", async () => {
    await checkGradients((v, s) => F.softmaxCrossEntropy(v, s), [x], { fixed: [t] });
    await checkGradients((v, s) => F.softmaxCrossEntropy(v, s, { softTargetLoss: "kl-divergence" }), [x], {
      fixed: [t],
    });
    const soft = new Variable(t);
    F.softmaxCrossEntropy(new Variable(x), soft).backward();
    expect(soft.grad).toBe(null);
  });

  test("refuses what does not fit", () => {
    expect(() => F.softmaxCrossEntropy(x, numbers([2, 3]))).toThrow(InvalidType);
    expect(() => F.softmaxCrossEntropy(x, t, { softTargetLoss: "mse" as never })).toThrow(ValueError);
  });
});
