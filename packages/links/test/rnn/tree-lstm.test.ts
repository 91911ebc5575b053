import { InvalidType, ValueError, zeros, type NdArray } from "@chain/array";
import { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { ChildSumTreeLSTM, NaryTreeLSTM } from "../../src/index.js";
import { affine, elements, expectClose, fill, numbers, parameter, rows, sigmoid } from "./support.js";

const [inSize, outSize] = [3, 2];

/** One node by the definition; gates one behind the other: input, input gate, output gate, a forget gate a child. */
function node(gates: number[], cs: readonly number[][]): { c: number[]; h: number[] } {
  const gate = (index: number, u: number): number => gates[index * outSize + u] as number;
  const units = [0, 1];
  const c = units.map((u) =>
    cs.reduce(
      (sum, state, k) => sum + (state[u] as number) * sigmoid(gate(3 + k, u)),
      Math.tanh(gate(0, u)) * sigmoid(gate(1, u)),
    ),
  );
  return { c, h: c.map((value, u) => Math.tanh(value) * sigmoid(gate(2, u))) };
}

const states = (count: number, seed: number): NdArray[] =>
  Array.from({ length: count }, (_, k) => numbers([2, outSize], seed + k));

describe("ChildSumTreeLSTM", () => {
  test.each([0, 1, 2, 3, 6])("computes the definition with %i children", (children) => {
    const link = fill(new ChildSumTreeLSTM(inSize, outSize));
    const [cs, hs, x] = [states(children, 1), states(children, 20), numbers([2, inSize], 50)];
    const [c, h] = link.forward(...cs, ...hs, x);
    const matrix = (name: string): number[][] => rows(new Map(link.namedParams()).get(`/${name}/W`) as Variable);
    rows(x).forEach((input, row) => {
      const upward = affine(matrix("W_x"), input, parameter(link, "/W_x/b"));
      const outputs = hs.map((value) => rows(value)[row] as number[]);
      const sum = [0, 1].map((u) => outputs.reduce((total, output) => total + (output[u] as number), 0));
      const lateral = affine(matrix("W_h_aio"), sum);
      const aio = lateral.map((value, k) => value + (upward[k] as number));
      const forget = outputs.flatMap((output) =>
        affine(matrix("W_h_f"), output).map((value, u) => value + (upward[3 * outSize + u] as number)),
      );
      const wanted = node(
        [...aio, ...forget],
        cs.map((value) => rows(value)[row] as number[]),
      );
      expectClose(c.array.get([row]), wanted.c);
      expectClose(h.array.get([row]), wanted.h);
    });
  });
});

describe("NaryTreeLSTM", () => {
  test.each([1, 2, 5])("computes the definition with %i children", (nAry) => {
    const link = fill(new NaryTreeLSTM(inSize, outSize, { nAry }));
    const [cs, hs, x] = [states(nAry, 1), states(nAry, 20), numbers([2, inSize], 50)];
    const [c, h] = link.forward(...cs, ...hs, x);
    const matrix = (name: string): number[][] => rows(new Map(link.namedParams()).get(`/${name}/W`) as Variable);
    rows(x).forEach((input, row) => {
      const gates = affine(matrix("W_x"), input, parameter(link, "/W_x/b"));
      hs.forEach((value, k) =>
        affine(matrix(`W_h${k + 1}`), rows(value)[row] as number[]).forEach(
          (part, i) => (gates[i] = (gates[i] as number) + part),
        ),
      );
      const wanted = node(
        gates,
        cs.map((value) => rows(value)[row] as number[]),
      );
      expectClose(c.array.get([row]), wanted.c);
      expectClose(h.array.get([row]), wanted.h);
    });
  });

  test("has parameters for each place, in Chainer's names", () => {
    const link = new NaryTreeLSTM(inSize, outSize, { nAry: 3 });
    expect(link.namedParams().map(([path]) => path)).toEqual(["/W_h1/W", "/W_h2/W", "/W_h3/W", "/W_x/W", "/W_x/b"]);
    expect(link.copy("copy").namedParams()).toHaveLength(5);
  });

  test("refuses a number of children that is not its own", () => {
    const link = new NaryTreeLSTM(inSize, outSize);
    const [state, x] = [zeros([2, outSize]), zeros([2, inSize])];
    expect(() => link.forward(state, state, x)).toThrow(
      /NaryTreeLSTM: expected states and outputs of 2 children, got 1/,
    );
    expect(() => new NaryTreeLSTM(inSize, outSize, { nAry: 0 })).toThrow(ValueError);
  });
});

describe.each([
  ["ChildSumTreeLSTM", () => fill(new ChildSumTreeLSTM(inSize, outSize))],
  ["NaryTreeLSTM", () => fill(new NaryTreeLSTM(inSize, outSize))],
])("%s", (name, make) => {
  test("counts what is missing as zeros", () => {
    const link = make();
    const [c1, h1, x] = [numbers([2, outSize], 1), numbers([2, outSize], 2), numbers([2, inSize], 3)];
    const [state, input] = [zeros([2, outSize], { dtype: "float64" }), zeros([2, inSize], { dtype: "float64" })];
    const same = (a: [Variable, Variable], b: [Variable, Variable]): void =>
      a.forEach((value, i) => expectClose(value, elements(b[i] as Variable)));
    same(link.forward(c1, null, h1, null, x), link.forward(c1, state, h1, state, x));
    same(link.forward(null, null, null, null, x), link.forward(state, state, state, state, x));
    same(link.forward(c1, c1, h1, h1, null), link.forward(c1, c1, h1, h1, input));
  });

  test("refuses arguments that are not pairs and an input", () => {
    const link = make();
    const state = zeros([2, outSize], { dtype: "float64" });
    expect(() => link.forward(state, state, state, state)).toThrow(InvalidType);
    expect(() => link.forward(null, null, null, null, null)).toThrow(
      new RegExp(`${name}: expected x, or the state of a child, got nothing`),
    );
  });

  test("trees of any shape have gradients down to their leaves", () => {
    const link = make();
    const leaves = [1, 2, 3].map((seed) => new Variable(numbers([1, inSize], seed)));
    const leaf = (x: Variable): [Variable, Variable] => link.forward(null, null, null, null, x);
    const join = (left: [Variable, Variable], right: [Variable, Variable]): [Variable, Variable] =>
      link.forward(left[0], right[0], left[1], right[1], null);
    const [first, second, third] = leaves.map(leaf) as [
      [Variable, Variable],
      [Variable, Variable],
      [Variable, Variable],
    ];
    const [, root] = join(join(first, second), third);
    F.sum(root).backward();
    leaves.forEach(({ grad }) => expect(elements(grad as NdArray).every((g) => g !== 0)).toBe(true));
    expect(link.params().every(({ grad }) => grad !== null)).toBe(true);
  });
});
