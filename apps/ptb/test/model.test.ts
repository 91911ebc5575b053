import { array, type NdArray } from "@chain/array";
import { testMode } from "@chain/autograd";
import { describe, expect, test } from "@jest/globals";
import { createModel, modelKinds, SimpleRNN, wordLoss } from "../src/model.js";

const words = [[1, 4], [3, 0], [2, 2]]; // prettier-ignore

function ids(values: readonly number[] | readonly (readonly number[])[]): NdArray {
  return array(values, { dtype: "int32" });
}

/** y of a SimpleRNN in float64, from its parameters. */
function simpleRnn(model: SimpleRNN, text: readonly (readonly number[])[]): number[][] {
  const read = (param: { readonly array: NdArray } | null): number[][] => param?.array.tolistSync() as number[][];
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, i) => sum + v * (b[i] ?? 0), 0);
  const affine = (W: number[][], b: number[], x: readonly number[]): number[] =>
    W.map((row, i) => dot(row, x) + (b[i] ?? 0));
  const bias = (param: { readonly array: NdArray } | null): number[] => read(param) as unknown as number[];
  let hs: number[][] | null = null;
  return text.flatMap((step) => {
    const next: number[][] = step.map((word, row) => {
      const input = affine(read(model.x2h.W), bias(model.x2h.b), read(model.embed.W)[word] ?? []);
      const before = hs?.[row];
      const back = before === undefined ? input.map(() => 0) : affine(read(model.h2h.W), bias(model.h2h.b), before);
      return input.map((value, i) => Math.tanh(value + (back[i] ?? 0)));
    });
    hs = next;
    return next.map((h) => affine(read(model.h2y.W), bias(model.h2y.b), h));
  });
}

describe("SimpleRNN", () => {
  test("is h = tanh(W x + U h), y = V h", () => {
    const model = new SimpleRNN(5, 3);
    const expected = simpleRnn(model, words).flat();
    const y = [...model.forward(ids(words)).dataSync()];
    expect(y).toHaveLength(6 * 5);
    y.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 5));
  });
});

describe.each(modelKinds)("%s", (kind) => {
  test("reads several steps at once as it reads them one by one, and remembers", () => {
    const model = createModel(kind, 5, 4);
    testMode(() => {
      const atOnce = [...model.forward(ids(words)).dataSync()];
      model.resetState();
      const oneByOne = words.flatMap((step) => [...model.forward(ids(step)).dataSync()]);
      expect(oneByOne).toHaveLength(atOnce.length);
      oneByOne.forEach((value, i) => expect(value).toBeCloseTo(atOnce[i] ?? NaN, 5));
      const later = [...model.forward(ids(words)).dataSync()];
      expect(later.some((value, i) => Math.abs(value - (atOnce[i] ?? NaN)) > 1e-4)).toBe(true);
      model.resetState();
      expect([...model.forward(ids(words)).dataSync()]).toEqual(atOnce);
    });
  });

  test("begins with numbers between -0.1 and 0.1", () => {
    const values = createModel(kind, 100, 40)
      .params()
      .flatMap((param) => [...param.dataSync()]);
    expect(Math.max(...values)).toBeLessThanOrEqual(0.1);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-0.1);
    // Uniform: the mean square is 0.1² / 3.
    expect(values.reduce((sum, v) => sum + v * v, 0) / values.length).toBeCloseTo(0.01 / 3, 4);
  });

  test("refuses what is no text", () => {
    expect(() => createModel(kind, 5, 4).forward(ids([1]).reshape(1, 1, 1))).toThrow("(batch) or (steps, batch)");
  });
});

test("dropout is there in training only", () => {
  const model = createModel("lstm", 5, 8);
  const [a, b] = [0, 1].map(() => {
    model.resetState();
    return [...model.forward(ids(words)).dataSync()];
  });
  expect(a).not.toEqual(b);
});

test("wordLoss is the mean cross entropy", () => {
  const model = new SimpleRNN(5, 3);
  const expected = simpleRnn(model, words).map((y, i) => {
    const t = [0, 1, 2, 3, 4, 0][i] ?? 0;
    return Math.log(y.reduce((sum, v) => sum + Math.exp(v), 0)) - (y[t] ?? NaN);
  });
  const loss = wordLoss(model.forward(ids(words)), ids([[0, 1], [2, 3], [4, 0]])); // prettier-ignore
  expect(loss.array.itemSync()).toBeCloseTo(expected.reduce((sum, v) => sum + v, 0) / 6, 5);
});
