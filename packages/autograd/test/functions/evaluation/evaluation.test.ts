import { array, InvalidType, ValueError, type NdArray } from "@chain/array";
import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { elements, expectElements, inLayouts, integers, numbers } from "../support.js";

const scores = array(
  [
    [0.1, 0.7, 0.2],
    [0.8, 0.1, 0.1],
    [0.3, 0.3, 0.4],
    [0.5, 0.5, 0],
  ],
  { dtype: "float64" },
);

describe("accuracy", () => {
  test("is the share of highest scores at the label; of equal scores the first counts", () => {
    for (const [, [y]] of inLayouts([scores])) {
      expectElements(F.accuracy(y as NdArray, integers([1, 0, 0, 0])), [0.75]);
      expectElements(F.accuracy(y as NdArray, integers([1, 0, 0, 1])), [0.5]);
    }
    const a = F.accuracy(scores.astype("float32"), integers([1, 1, 1, 1]));
    expect([a.shape, a.dtype, a.requiresGrad]).toEqual([[], "float32", false]);
    expectElements(F.accuracy(scores, array([1, 0, 0, 0], { dtype: "uint8" })), [0.75]);
  });

  test("leaves out ignored labels", () => {
    expectElements(F.accuracy(scores, integers([1, -1, 0, -1]), { ignoreLabel: -1 }), [0.5]);
    expectElements(F.accuracy(scores, integers([-1, -1, -1, -1]), { ignoreLabel: -1 }), [0]);
    expectElements(F.accuracy(scores, integers([1, -1, 0, -1])), [0.25]);
  });

  test("takes more axes", () => {
    const y = numbers([2, 3, 2]);
    const best = F.argmax(y, { axis: 1 }).array;
    expectElements(F.accuracy(y, best), [1]);
    expectElements(F.accuracy(scores.reshape(4, 3, 1, 1), integers([1, 0, 0, 0])), [0.75]);
  });

  test("refuses what does not fit", () => {
    expect(() => F.accuracy(scores, integers([1, 0]))).toThrow(
      "accuracy (forward): expected t.shape == y.shape without axis 1",
    );
    expect(() => F.accuracy(scores, scores)).toThrow(InvalidType);
    expect(() => F.accuracy(integers([1, 0], [1, 2]), integers([0]))).toThrow(InvalidType);
    expect(() => F.accuracy(numbers([2, 3, 2]), integers([0, 0]))).toThrow(InvalidType);
  });
});

describe("binaryAccuracy", () => {
  test("compares signs with labels, without those that are -1", () => {
    const y = array([
      [-1, 0, 2],
      [3, -4, -5],
    ]);
    expectElements(F.binaryAccuracy(y, integers([0, 1, 0, -1, 1, 0], [2, 3])), [0.6]);
    expectElements(F.binaryAccuracy(y, integers([-1, -1, -1, -1, -1, -1], [2, 3])), [0]);
    expect(F.binaryAccuracy(y, integers([0, 1, 0, 1, 1, 0], [2, 3])).dtype).toBe("float32");
  });

  test("refuses what does not fit", () => {
    expect(() => F.binaryAccuracy(numbers([2]), integers([1]))).toThrow(InvalidType);
    expect(() => F.binaryAccuracy(numbers([1]), numbers([1]))).toThrow(InvalidType);
  });
});

describe("classificationSummary and its parts", () => {
  // Predictions: 1, 0, 2, 0, 1, 2
  const y = array([
    [0, 1, 0],
    [1, 0, 0],
    [0, 0, 1],
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]);
  const t = integers([1, 0, 1, 1, -1, 2]);

  test("count each class", () => {
    const [precision, recall, fbeta, support] = F.classificationSummary(y, t);
    expectElements(precision, [1 / 2, 1, 1 / 2]);
    expectElements(recall, [1, 1 / 3, 1]);
    expectElements(fbeta, [2 / 3, 1 / 2, 2 / 3]);
    expect([elements(support), support.dtype]).toEqual([[1, 3, 1], "int32"]);
    const [, , weighted] = F.classificationSummary(y, t, { beta: 2 });
    expectElements(weighted, [2.5 / 3, 5 / 3 / (4 + 1 / 3), 2.5 / 3]);
  });

  test("are also functions of their own, with the support", () => {
    const parts = [F.precision(y, t), F.recall(y, t), F.f1Score(y, t)];
    const whole = F.classificationSummary(y, t);
    parts.forEach(([part, support], i) => {
      expectElements(part, elements(whole[i] as Variable));
      expectElements(support, [1, 3, 1]);
    });
  });

  test("have as many classes as asked for, and NaN where nothing is to be divided", () => {
    const [precision, support] = F.precision(y, t, { labelNum: 4 });
    expect(elements(precision).slice(3)).toEqual([NaN]);
    expect(elements(support)).toEqual([1, 3, 1, 0]);
    expect(F.recall(y, t, { labelNum: 2 })[0].shape).toEqual([2]);
    expect(elements(F.recall(y, t, { ignoreLabel: 2 })[1])).toEqual([1, 3, 0]);
  });

  test("refuse what does not fit", () => {
    expect(() => F.precision(y, integers([0]))).toThrow("precision (forward): expected t.shape");
    expect(() => F.recall(y, y)).toThrow(InvalidType);
    expect(() => F.f1Score(y, t, { labelNum: -1 })).toThrow(ValueError);
  });
});

describe("r2Score", () => {
  const truth = array(
    [
      [1, 5],
      [2, 5],
      [3, 5],
    ],
    { dtype: "float64" },
  );
  const pred = array(
    [
      [1.5, 5],
      [2, 4],
      [2.5, 5],
    ],
    { dtype: "float64" },
  );

  test("is 1 less the share of the deviation that is not explained", () => {
    expectElements(F.r2Score(pred, truth, { multioutput: "raw_values" }), [0.75, 0]);
    expectElements(F.r2Score(pred, truth), [0.375]);
    expectElements(F.r2Score(truth, truth, { multioutput: "raw_values" }), [1, 0]);
    expect(F.r2Score(pred.astype("float32"), truth.astype("float32")).dtype).toBe("float32");
  });

  test("weighs samples", () => {
    const weights = array([1, 0, 1], { dtype: "float64" });
    const expected = elements(F.r2Score(pred.get([0, 2]), truth.get([0, 2]), { multioutput: "raw_values" }));
    expectElements(F.r2Score(pred, truth, weights, { multioutput: "raw_values" }), expected);
    expectElements(F.r2Score(pred, truth, { sampleWeight: weights, multioutput: "raw_values" }), expected);
  });

  test("refuses what does not fit", () => {
    expect(() => F.r2Score(pred, truth.get(0))).toThrow(InvalidType);
    expect(() => F.r2Score(pred, truth, numbers([2]))).toThrow(InvalidType);
    expect(() => F.r2Score(pred, truth, { multioutput: "mean" as never })).toThrow(ValueError);
  });
});
