import { InvalidType, zeros, type NdArray } from "@chain/array";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, inLayouts, numbers } from "../support.js";
import { sigmoid } from "./reference.js";

function inputsFor(children: number, rows: number, units: number): NdArray[] {
  const cs = Array.from({ length: children }, (_, k) => numbers([rows, units], { seed: k + 1 }));
  return [...cs, numbers([rows, (3 + children) * units], { seed: 20 })];
}

function expected(inputs: readonly NdArray[]): { c: number[]; h: number[] } {
  const [cs, x] = [inputs.slice(0, -1).map(elements), inputs.at(-1) as NdArray];
  const [, units] = (inputs[0] as NdArray).shape as [number, number];
  const width = x.shape[1] as number;
  const values = elements(x);
  const gate = (at: number, index: number): number =>
    values[Math.floor(at / units) * width + index * units + (at % units)] as number;
  const c = (cs[0] as number[]).map((_, at) =>
    cs.reduce(
      (sum, state, k) => sum + (state[at] as number) * sigmoid(gate(at, 3 + k)),
      Math.tanh(gate(at, 0)) * sigmoid(gate(at, 1)),
    ),
  );
  return { c, h: c.map((value, at) => Math.tanh(value) * sigmoid(gate(at, 2))) };
}

describe.each([1, 2, 3, 4, 5, 9])("treeLstm with %i children", (children) => {
  test.each([
    [2, 3],
    [1, 1],
    [7, 9],
    [0, 2],
  ])("computes the definition for %i rows of %i units, in all layouts", (rows, units) => {
    for (const [, inputs] of inLayouts(inputsFor(children, rows, units))) {
      const [c, h] = F.treeLstm(...inputs);
      expect([c.shape, h.shape]).toEqual([
        [rows, units],
        [rows, units],
      ]);
      expectElements(c, expected(inputs).c);
      expectElements(h, expected(inputs).h);
    }
  });

  test("has the right derivatives", async () => {
    await checkGradients((...inputs) => F.treeLstm(...inputs), inputsFor(children, 2, 2));
  });
});

test("treeLstm refuses what does not fit", () => {
  const [c, x] = [numbers([2, 3]), numbers([2, 12])];
  expect(() => F.treeLstm(x)).toThrow(/treeLstm \(forward\): expected the states of one child or more, and x/);
  expect(() => F.treeLstm()).toThrow(InvalidType);
  expect(() => F.treeLstm(c, numbers([2, 15]))).toThrow(/x\.shape\[1\] == 4 \* cs\[0\]\.shape\[1\], got 15 != 12/);
  expect(() => F.treeLstm(c, numbers([3, 12]))).toThrow(/x\.shape\[0\] == cs\[0\]\.shape\[0\]/);
  expect(() => F.treeLstm(c, numbers([2, 4]), numbers([2, 15]))).toThrow(/cs\[1\]\.shape == cs\[0\]\.shape/);
  expect(() => F.treeLstm(c, zeros([2, 12]))).toThrow(/dtype/);
  expect(() => F.treeLstm(numbers([2, 3, 1]), x)).toThrow(/cs\[0\]\.ndim == 2/);
});
