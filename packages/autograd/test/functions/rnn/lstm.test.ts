import { InvalidType, zeros, type NdArray } from "@chain/array";
import { grad, Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, inLayouts, numbers } from "../support.js";
import { sigmoid } from "./reference.js";

/** The definition, for shapes (N, units) and more axes; `rows` of the state take part. */
function expected(c: NdArray, x: NdArray): { c: number[]; h: number[] } {
  const [cs, xs] = [elements(c), elements(x)];
  const [, units, ...rest] = c.shape as [number, number, ...number[]];
  const tail = rest.reduce((product, length) => product * length, 1);
  const next = [...cs];
  const h: number[] = [];
  for (let row = 0; row < (x.shape[0] as number); row++) {
    for (let unit = 0; unit < units; unit++) {
      for (let t = 0; t < tail; t++) {
        const at = (row * units + unit) * tail + t;
        const [a, i, f, o] = [0, 1, 2, 3].map((g) => xs[((row * units + unit) * 4 + g) * tail + t]) as [
          number,
          number,
          number,
          number,
        ];
        next[at] = Math.tanh(a) * sigmoid(i) + (cs[at] as number) * sigmoid(f);
        h.push(Math.tanh(next[at]) * sigmoid(o));
      }
    }
  }
  return { c: next, h };
}

describe("lstm", () => {
  test.each([
    [2, 3],
    [1, 1],
    [20, 13],
    [0, 2],
    [2, 0],
  ])("computes the definition for %i rows of %i units, in all layouts", (rows, units) => {
    for (const [, arrays] of inLayouts([numbers([rows, units]), numbers([rows, 4 * units], { seed: 2 })])) {
      const [cPrev, x] = arrays as [NdArray, NdArray];
      const [c, h] = F.lstm(cPrev, x);
      expectElements(c, expected(cPrev, x).c);
      expectElements(h, expected(cPrev, x).h);
    }
  });

  test("takes further axes", async () => {
    const inputs = [numbers([2, 3, 2]), numbers([2, 12, 2], { seed: 2 })];
    const [c, h] = F.lstm(...(inputs as [NdArray, NdArray]));
    expect([c.shape, h.shape]).toEqual([
      [2, 3, 2],
      [2, 3, 2],
    ]);
    const wanted = expected(...(inputs as [NdArray, NdArray]));
    expectElements(c, wanted.c);
    expectElements(h, wanted.h);
    await checkGradients((a, b) => F.lstm(a, b), inputs);
  });

  test("leaves the state of further rows as it is", async () => {
    const [cPrev, x] = [numbers([4, 3]), numbers([2, 12], { seed: 2 })];
    const [c, h] = F.lstm(cPrev, x);
    expect([c.shape, h.shape]).toEqual([
      [4, 3],
      [2, 3],
    ]);
    expectElements(c, expected(cPrev, x).c);
    expectElements(h, expected(cPrev, x).h);
    await checkGradients((a, b) => F.lstm(a, b), [cPrev, x]);
  });

  test("has the right derivatives", async () => {
    const inputs = [numbers([2, 3]), numbers([2, 12], { seed: 2 })];
    await checkGradients((a, b) => F.lstm(a, b), inputs);
    await checkGradients((a, b) => F.lstm(a, b)[1], inputs);
  });

  test("gates that are shut or open altogether have slope 0, not NaN", () => {
    for (const value of [-1e4, 1e4]) {
      const [c, x] = [new Variable(numbers([1, 2]).astype("float32")), new Variable(zeros([1, 8]).add(value))];
      const [next, h] = F.lstm(c, x);
      const gradients = grad([F.sum(F.add(next, h))], [c, x], { enableDoubleBackprop: true });
      const total = F.add(F.sum(gradients[0] as Variable), F.sum(gradients[1] as Variable));
      const second = grad([total], [c, x]);
      for (const g of [...gradients, ...second]) elements(g as Variable).forEach((v) => expect(v).not.toBeNaN());
    }
  });

  test("refuses what does not fit", () => {
    expect(() => F.lstm(numbers([2, 3]), numbers([2, 11]))).toThrow(
      /lstm \(forward\): expected x\.shape == \(2, 12\), got \(2, 11\)/,
    );
    expect(() => F.lstm(numbers([2, 3]), numbers([3, 12]))).toThrow(/expected x\.shape\[0\] <= cPrev\.shape\[0\]/);
    expect(() => F.lstm(numbers([3]), numbers([3, 12]))).toThrow(InvalidType);
    expect(() => F.lstm(numbers([2, 3]), numbers([12]))).toThrow(InvalidType);
    expect(() => F.lstm(zeros([2, 3]), numbers([2, 12]))).toThrow(/dtype/);
  });
});

describe("slstm", () => {
  const inputs = [
    numbers([2, 3]),
    numbers([2, 3], { seed: 2 }),
    numbers([2, 12], { seed: 3 }),
    numbers([2, 12], { seed: 4 }),
  ] as const;

  test("computes the definition", () => {
    const [c, h] = F.slstm(...inputs);
    const [c1, c2, x1, x2] = inputs.map(elements) as [number[], number[], number[], number[]];
    const wanted = c1.map((value, u) => {
      const part = (x: number[], previous: number): number =>
        Math.tanh(x[4 * u] as number) * sigmoid(x[4 * u + 1] as number) + previous * sigmoid(x[4 * u + 2] as number);
      return part(x1, value) + part(x2, c2[u] as number);
    });
    expectElements(c, wanted);
    const gates = wanted.map((_, u) => sigmoid((x1[4 * u + 3] as number) + (x2[4 * u + 3] as number)));
    expectElements(
      h,
      wanted.map((value, u) => Math.tanh(value) * (gates[u] as number)),
    );
  });

  test("has the right derivatives", async () => {
    await checkGradients((a, b, c, d) => F.slstm(a, b, c, d), inputs);
  });

  test("refuses what does not fit", () => {
    const [c1, c2, x1] = inputs;
    expect(() => F.slstm(c1, c2, x1, numbers([2, 8]))).toThrow(
      /expected x2\.shape == x1\.shape, got \(2, 8\) != \(2, 12\)/,
    );
    expect(() => F.slstm(c1, c2, numbers([2, 8]), x1)).toThrow(/expected x1\.shape == \(2, 12\), got \(2, 8\)/);
    expect(() => F.slstm(c1, numbers([2, 4]), x1, x1)).toThrow(/cPrev2/);
    expect(() => F.slstm(c1, c2, x1, zeros([2, 12]))).toThrow(/cPrev1\.dtype == x2\.dtype/);
    expect(() => F.slstm(numbers([3]), c2, x1, x1)).toThrow(InvalidType);
  });
});
