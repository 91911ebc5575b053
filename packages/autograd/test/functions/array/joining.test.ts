import { array, DeviceError, IndexError, InvalidType, slice, ValueError, type NdArray } from "@chain/array";
import { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, integers, numbers } from "../support.js";

const rows = (...lists: number[][]): NdArray => array(lists, { dtype: "float64" });
const vector = (...values: number[]): NdArray => array(values, { dtype: "float64" });
const a = rows([1, 2], [3, 4]);
const b = rows([5], [6]);

describe("concat, stack and their relatives", () => {
  test.each<[string, () => Variable, number[], number[]]>([
    ["concat", () => F.concat([a, b]), [2, 3], [1, 2, 5, 3, 4, 6]],
    ["concat along axis 0", () => F.concat([a, a], { axis: 0 }), [4, 2], [1, 2, 3, 4, 1, 2, 3, 4]],
    ["concat along the last axis", () => F.concat([a, b], { axis: -1 }), [2, 3], [1, 2, 5, 3, 4, 6]],
    ["concat of one", () => F.concat([a]), [2, 2], [1, 2, 3, 4]],
    ["hstack", () => F.hstack([a, b]), [2, 3], [1, 2, 5, 3, 4, 6]],
    ["hstack of vectors", () => F.hstack([vector(1), vector(2, 3)]), [3], [1, 2, 3]],
    [
      "hstack of numbers",
      () => F.hstack([numbers([]), numbers([])]),
      [2],
      [...elements(numbers([])), ...elements(numbers([]))],
    ],
    ["vstack", () => F.vstack([a, a]), [4, 2], [1, 2, 3, 4, 1, 2, 3, 4]],
    ["vstack of vectors", () => F.vstack([vector(1, 2), vector(3, 4)]), [2, 2], [1, 2, 3, 4]],
    ["dstack", () => F.dstack([a, a]), [2, 2, 2], [1, 1, 2, 2, 3, 3, 4, 4]],
    ["dstack of vectors", () => F.dstack([vector(1, 2), vector(3, 4)]), [1, 2, 2], [1, 3, 2, 4]],
    ["stack", () => F.stack([a, a]), [2, 2, 2], [1, 2, 3, 4, 1, 2, 3, 4]],
    ["stack along a later axis", () => F.stack([vector(1, 2), vector(3, 4)], { axis: -1 }), [2, 2], [1, 3, 2, 4]],
  ])("%s", (_, call, shape, expected) => {
    const y = call();
    expect(y.shape).toEqual(shape);
    expectElements(y, expected);
  });

  test.each<[string, (x: Variable, y: Variable) => Variable, number[], number[]]>([
    ["concat", (x, y) => F.concat([x, y]), [2, 1], [2, 3]],
    ["concat with one array twice", (x, y) => F.concat([x, y, x], { axis: 0 }), [1, 2], [2, 2]],
    ["hstack", (x, y) => F.hstack([x, y]), [2, 1], [2, 3]],
    ["vstack", (x, y) => F.vstack([x, y]), [2], [2]],
    ["dstack", (x, y) => F.dstack([x, y]), [2, 1], [2, 1]],
    ["stack", (x, y) => F.stack([x, y], { axis: 1 }), [2, 3], [2, 3]],
  ])("derivatives of %s", async (_, fn, first, second) => {
    await checkGradients(fn, [numbers(first), numbers(second, { seed: 2 })]);
  });

  test("only the gradients that are wanted", () => {
    const x = new Variable(a);
    F.sum(F.concat([x, b])).backward();
    expectElements(x.grad as NdArray, [1, 1, 1, 1]);
  });

  test.each<[string, () => unknown]>([
    ["concat", () => F.concat([])],
    ["concat", () => F.concat([a, b], { axis: 0 })],
    ["concat", () => F.concat([a, b], { axis: 2 })],
    ["concat", () => F.concat([a, b.astype("float32")])],
    ["concat", () => F.concat([vector(1)])],
    ["hstack", () => F.hstack([a, vector(1)])],
    ["vstack", () => F.vstack([vector(1, 2), vector(1)])],
    ["dstack", () => F.dstack([a, b])],
    ["dstack", () => F.dstack([])],
    ["stack", () => F.stack([a, b])],
    ["stack", () => F.stack([a, a], { axis: 3 })],
  ])("%s refuses what does not fit", (name, call) => {
    expect(call).toThrow(InvalidType);
    expect(call).toThrow(`${name} (forward): expected`);
  });
});

describe("splitAxis and separate", () => {
  const x = rows([1, 2, 3, 4], [5, 6, 7, 8]);

  test("cut into equal parts or at positions", () => {
    expect(F.splitAxis(x, 2, 1).map(elements)).toEqual([
      [1, 2, 5, 6],
      [3, 4, 7, 8],
    ]);
    expect(F.splitAxis(x, [1, 1, 3], -1).map(({ shape }) => shape)).toEqual([
      [2, 1],
      [2, 0],
      [2, 2],
      [2, 1],
    ]);
    expect(F.splitAxis(x, 1, 0)).toHaveLength(1);
    expect(F.splitAxis(x, 1, 0, { forceTuple: false })).toBeInstanceOf(Variable);
    expect(F.splitAxis(x, 2, 0, { forceTuple: false })).toHaveLength(2);
  });

  test("separate takes an axis apart", () => {
    expect(F.separate(x).map(elements)).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]);
    expect(F.separate(x, { axis: 1 }).map(({ shape }) => shape)).toEqual([[2], [2], [2], [2]]);
    expect(F.separate(numbers([0, 3]))).toEqual([]);
  });

  test("have the right derivatives", async () => {
    await checkGradients((v) => F.splitAxis(v, [1, 3], 1), [numbers([2, 4])]);
    await checkGradients((v) => F.separate(v, { axis: -1 }), [numbers([2, 3])]);
  });

  test("a part without gradient counts as zeros", () => {
    const v = new Variable(x);
    F.sum(F.splitAxis(v, 2, 1)[1] as Variable).backward();
    expectElements(v.grad as NdArray, [0, 0, 1, 1, 0, 0, 1, 1]);
  });

  test.each([
    () => F.splitAxis(x, 3, 1),
    () => F.splitAxis(x, 0, 1),
    () => F.splitAxis(x, 2, 2),
    () => F.splitAxis(x, [3, 2], 1),
    () => F.splitAxis(x, [5], 1),
    () => F.separate(x, { axis: 2 }),
  ])("refuse what does not fit (%#)", (call) => {
    expect(call).toThrow(InvalidType);
  });
});

describe("broadcast and where", () => {
  test("broadcast gives all arrays one shape", async () => {
    const [x, y] = F.broadcast(vector(1, 2), rows([3], [4])) as [Variable, Variable];
    expect([await x.tolist(), await y.tolist()]).toEqual([
      [
        [1, 2],
        [1, 2],
      ],
      [
        [3, 3],
        [4, 4],
      ],
    ]);
    await checkGradients((p, q) => F.broadcast(p, q), [numbers([3]), numbers([2, 1])]);
  });

  test("where chooses, and broadcasts", async () => {
    const condition = array([[true], [false]]);
    const y = F.where(condition, vector(1, 2), numbers([], { low: 7, high: 7.000001 }));
    expect(y.shape).toEqual([2, 2]);
    expectElements(y, [1, 2, 7, 7], 1e-6);
    expectElements(F.where(integers([0, 2]), vector(1, 2), vector(3, 4)), [3, 2]);
    await checkGradients((p, q, c) => F.where(c, p, q), [numbers([2, 3]), numbers([3], { seed: 2 })], {
      fixed: [condition],
    });
    await checkGradients((p, q, c) => F.where(c, p, q), [numbers([]), numbers([2, 1], { seed: 2 })], {
      fixed: [condition],
    });
  });

  test("where keeps NaN out of the other side's gradient", () => {
    const x = new Variable(vector(NaN, 1));
    F.sum(F.where(array([false, true]), x, vector(5, 5))).backward();
    expectElements(x.grad as NdArray, [0, 1]);
  });

  test("where refuses mixed dtypes and shapes that do not fit", () => {
    const condition = array([true, false]);
    expect(() => F.where(condition, vector(1), array([1]))).toThrow(InvalidType);
    expect(() => F.where(condition, vector(1, 2, 3), vector(1, 2, 3))).toThrow(
      "where (forward): expected shapes that broadcast together",
    );
  });
});

describe("getItem, scatterAdd and selectItem", () => {
  test("selectItem picks one element of each row", async () => {
    const x = numbers([3, 4]);
    const t = integers([1, 3, 0]);
    expectElements(
      F.selectItem(x, t),
      [1, 7, 8].map((i) => elements(x)[i] as number),
    );
    await checkGradients((v, i) => F.selectItem(v, i), [x], { fixed: [t] });
    expect(F.selectItem(numbers([0, 4]), integers([])).shape).toEqual([0]);
  });

  test("selectItem refuses what does not fit", () => {
    expect(() => F.selectItem(numbers([3]), integers([0]))).toThrow(InvalidType);
    expect(() => F.selectItem(numbers([3, 2]), integers([0]))).toThrow(
      "selectItem (forward): expected x.shape[0] == t.shape[0], got 3 != 1",
    );
    expect(() => F.selectItem(numbers([1, 2]), numbers([1]))).toThrow(InvalidType);
    expect(() => F.selectItem(numbers([1, 2]), integers([2]))).toThrow(IndexError);
  });

  test("have the right derivatives, repeated positions too", async () => {
    await checkGradients((x) => F.getItem(x, [[2, 0, 2], slice(1, null)]), [numbers([3, 3])]);
    await checkGradients((x) => F.getItem(x, [slice(null, null, -1), -1]), [numbers([3, 3])]);
    await checkGradients((x, y) => F.scatterAdd(x, [[0, 2, 0]], y), [numbers([3, 2]), numbers([3, 2], { seed: 2 })]);
  });
});

describe("sequences", () => {
  const xs = [rows([1, 2], [3, 4], [5, 6]), rows([7, 8], [9, 10]), rows([11, 12])];

  test("padSequence pads behind the ends", async () => {
    const y = F.padSequence([vector(1, 2), vector(3), vector()], { padding: -1 });
    expect(await y.tolist()).toEqual([
      [1, 2],
      [3, -1],
      [-1, -1],
    ]);
    expect(F.padSequence(xs, { length: 5 }).shape).toEqual([3, 5, 2]);
    await checkGradients(
      (p, q) => F.padSequence([p, q], { length: 3, padding: 2 }),
      [numbers([1, 2]), numbers([2, 2])],
    );
  });

  test("padSequence refuses what does not fit", () => {
    expect(() => F.padSequence([])).toThrow(InvalidType);
    expect(() => F.padSequence([vector(1), rows([1])])).toThrow(InvalidType);
    expect(() => F.padSequence([vector(1, 2)], { length: 1 })).toThrow(ValueError);
  });

  test("transposeSequence goes through time, and back", async () => {
    const ys = F.transposeSequence(xs);
    expect(ys.map(elements)).toEqual([
      [1, 2, 7, 8, 11, 12],
      [3, 4, 9, 10],
      [5, 6],
    ]);
    expect(F.transposeSequence(ys).map(elements)).toEqual(xs.map(elements));
    await checkGradients(
      (p, q, r) => F.transposeSequence([p, q, r]),
      [numbers([3, 2]), numbers([3, 2]), numbers([1, 2])],
    );
    expect(F.transposeSequence([])).toEqual([]);
    expect(F.transposeSequence([numbers([0, 2])])).toEqual([]);
  });

  test("transposeSequence takes empty sequences and missing gradients", () => {
    const [x, none] = [new Variable(vector(1, 2)), new Variable(vector())];
    const ys = F.transposeSequence([x, none]);
    expect(ys.map(elements)).toEqual([[1], [2]]);
    F.sum(ys[1] as Variable).backward();
    expectElements(x.grad as NdArray, [0, 1]);
  });

  test("transposeSequence refuses ascending lengths", () => {
    expect(() => F.transposeSequence([vector(1), vector(1, 2)])).toThrow("transposeSequence (forward): expected");
    expect(() => F.transposeSequence([vector(1), rows([1])])).toThrow(InvalidType);
  });
});

describe("cast and copy", () => {
  test("cast converts, and converts the gradient back", () => {
    const x = new Variable(array([1.25, -2.5]));
    const y = F.cast(x, "float64");
    expect(y.dtype).toBe("float64");
    F.sum(F.mul(y, y)).backward();
    expect(x.grad?.dtype).toBe("float32");
    expectElements(x.grad as NdArray, [2.5, -5]);
    expect(F.cast(x, "float32")).toBe(x);
    expect(F.cast(x, "int32").requiresGrad).toBe(false);
    expect(() => F.cast(x, "int64" as never)).toThrow(ValueError);
  });

  test("copy copies, also to another device, and its gradient back", () => {
    const x = new Variable(array([1, 2]));
    const y = F.copy(x, -1);
    expect(y.device).toBe("cpu");
    expect(y.array.storage).not.toBe(x.array.storage);
    const z = F.copy(x, "js");
    expect(z.device).toBe("js");
    F.sum(F.mul(z, z)).backward();
    expect(x.grad?.device).toBe(x.device);
    expectElements(x.grad as NdArray, [2, 4]);
    expect(() => F.copy(x, "abacus")).toThrow(DeviceError);
  });
});
