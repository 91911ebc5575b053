import { array, InvalidType, ValueError, zeros, type NdArray } from "@chain/array";
import { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, gradientOf, numbers } from "../support.js";

type Axis = number | number[] | null;
const axes: [Axis, boolean][] = [
  [null, false],
  [null, true],
  [0, false],
  [-1, true],
  [[0, 2], false],
  [[2, -2], true],
];

/** Lists of the elements that are reduced together, in the order of the results. */
function groups(x: NdArray, axis: Axis): number[][] {
  const gone = axis === null ? [0, 1, 2] : [axis].flat().map((a) => (a < 0 ? a + 3 : a));
  const found = new Map<string, number[]>();
  const values = elements(x);
  const [p, q, r] = x.shape as [number, number, number];
  for (let i = 0, at = 0; i < p; i++) {
    for (let j = 0; j < q; j++) {
      for (let k = 0; k < r; k++) {
        const key = [i, j, k].map((n, a) => (gone.includes(a) ? "" : n)).join();
        const group = found.get(key) ?? [];
        group.push(values[at++] as number);
        found.set(key, group);
      }
    }
  }
  return [...found.values()];
}

const total = (values: number[]): number => values.reduce((a, b) => a + b, 0);

type Options = { axis?: Axis; keepdims?: boolean };
const reductions: [string, (x: Variable, options: Options) => Variable, (values: number[]) => number][] = [
  ["sum", (x, o) => F.sum(x, o), total],
  ["mean", (x, o) => F.mean(x, o), (v) => total(v) / v.length],
  ["average", (x, o) => F.average(x, null, o), (v) => total(v) / v.length],
  ["prod", (x, o) => F.prod(x, o), (v) => v.reduce((a, b) => a * b, 1)],
  ["max", (x, o) => F.max(x, o), (v) => Math.max(...v)],
  ["min", (x, o) => F.min(x, o), (v) => Math.min(...v)],
];

describe.each(reductions)("%s", (_name, fn, reference) => {
  const x = numbers([2, 3, 4], { seed: 5 });

  test.each(axes)("axis %j, keepdims %j", async (axis, keepdims) => {
    const y = fn(x as unknown as Variable, { axis, keepdims });
    expectElements(y, groups(x, axis).map(reference));
    const gone = axis === null ? [0, 1, 2] : [axis].flat().map((a) => (a < 0 ? a + 3 : a));
    expect(y.shape).toEqual(
      keepdims ? x.shape.map((n, i) => (gone.includes(i) ? 1 : n)) : x.shape.filter((_, i) => !gone.includes(i)),
    );
    await checkGradients((v) => fn(v, { axis, keepdims }), [x]);
  });

  test("refuses axes that are not there, or twice", () => {
    expect(() => fn(x as unknown as Variable, { axis: 3 })).toThrow(InvalidType);
    expect(() => fn(x as unknown as Variable, { axis: [0, -3] })).toThrow(InvalidType);
  });
});

test.each([[null], [1], [[0, 2]]] as [Axis][])("logsumexp over %j", async (axis) => {
  const x = numbers([2, 3, 4], { seed: 6 });
  expectElements(
    F.logsumexp(x, { axis }),
    groups(x, axis).map((v) => Math.log(total(v.map(Math.exp)))),
  );
  await checkGradients((v) => F.logsumexp(v, { axis }), [x]);
});

test("logsumexp does not overflow", () => {
  expectElements(F.logsumexp(array([1000, 1000])), [1000 + Math.LN2]);
  expectElements(
    gradientOf((x) => F.logsumexp(x), array([1000, 1000])),
    [0.5, 0.5],
    1e-4,
  );
});

describe("extrema", () => {
  test("every tie gets the whole gradient", () => {
    expect(elements(gradientOf((x) => F.max(x), array([2, 1, 2])))).toEqual([1, 0, 1]);
    expect(elements(gradientOf((x) => F.min(x), array([2, 2, 3])))).toEqual([1, 1, 0]);
  });

  test("of nothing are refused", () => {
    expect(() => F.max(zeros([0]))).toThrow(InvalidType);
    expect(() => F.argmax(zeros([0, 2]), { axis: 0 })).toThrow(InvalidType);
    expect(F.max(zeros([0, 2]), { axis: 1 }).shape).toEqual([0]);
  });

  test("positions are int32 and have no gradient", () => {
    const x = new Variable(
      array([
        [1, 5, 5],
        [7, 0, 2],
      ]),
    );
    const [first, last] = [F.argmax(x), F.argmin(x, { axis: 1 })];
    expect([first.dtype, first.requiresGrad, first.array.itemSync()]).toEqual(["int32", false, 3]);
    expect(elements(last)).toEqual([0, 1]);
    expect(() => F.argmax(x, { axis: 2 })).toThrow("argmax (forward): expected -2 <= axis < 2, got 2");
  });
});

describe("prod", () => {
  test("has a gradient where elements are zero", async () => {
    expect(elements(gradientOf((x) => F.prod(x), array([2, 0, 3])))).toEqual([0, 6, 0]);
    expect(elements(gradientOf((x) => F.prod(x), array([0, 0, 3])))).toEqual([0, 0, 0]);
    await checkGradients(
      (x) => F.prod(x, { axis: 1 }),
      [
        array(
          [
            [2, 0, 3],
            [0, 0, 1],
          ],
          { dtype: "float64" },
        ),
      ],
    );
  });

  test("of nothing is 1, of one element is it", async () => {
    expect(F.prod(zeros([0])).array.itemSync()).toBe(1);
    await checkGradients((x) => F.prod(x), [numbers([1])]);
  });
});

describe("weighted average", () => {
  const x = numbers([2, 3], { seed: 9 });
  const w = numbers([3], { low: 0.5, high: 2, seed: 10 });

  test("along an axis", async () => {
    const [xs, ws] = [elements(x), elements(w)];
    const row = (i: number): number => total(ws.map((v, k) => v * (xs[3 * i + k] as number))) / total(ws);
    expectElements(F.average(x, w, { axis: 1 }), [row(0), row(1)]);
    await checkGradients((a, b) => F.average(a, b, { axis: -1, keepdims: true }), [x, w]);
  });

  test("over everything", async () => {
    const all = numbers([2, 3], { low: 0.5, high: 2, seed: 12 });
    const [xs, ws] = [elements(x), elements(all)];
    expectElements(F.mean(x, all), [total(ws.map((v, k) => v * (xs[k] as number))) / total(ws)]);
    await checkGradients((a, b) => F.average(a, b), [x, all]);
  });

  test("along several axes is refused", () => {
    expect(() => F.average(x, w, { axis: [0, 1] })).toThrow(ValueError);
    expect(() => F.average(x, w, { axis: 0 })).toThrow(InvalidType);
  });
});

describe("cumulative functions", () => {
  const x = numbers([2, 3, 4], { seed: 4 });

  test.each([[null], [0], [1], [-1]])("along %j", async (axis) => {
    const sums = F.cumsum(x, { axis });
    expect(sums.shape).toEqual(axis === null ? [24] : [2, 3, 4]);
    await checkGradients((v) => F.cumsum(v, { axis }), [x]);
    await checkGradients((v) => F.cumprod(v, { axis }), [numbers([2, 3, 2], { seed: 4 })]);
  });

  test("values", () => {
    expect(elements(F.cumsum(array([1, 2, 3])))).toEqual([1, 3, 6]);
    expect(
      elements(
        F.cumprod(
          array([
            [1, 2],
            [3, 4],
          ]),
          { axis: 0 },
        ),
      ),
    ).toEqual([1, 2, 3, 8]);
    expect(F.cumprod(zeros([0])).shape).toEqual([0]);
  });

  test("cumprod has a gradient where elements are zero", async () => {
    // y = [2, 0, 0]: dy/dx = [[1, 0, 0], [0, 2, 0], [0, 6, 0]].
    expect(elements(gradientOf((v) => F.cumprod(v), array([2, 0, 3]), array([1, 10, 100])))).toEqual([1, 620, 0]);
    await checkGradients((v) => F.cumprod(v), [array([2, 0, 3, 0, 1, 2, -1], { dtype: "float64" })]);
  });

  test("refuse axes that are not there", () => {
    expect(() => F.cumsum(x, { axis: 3 })).toThrow("cumsum (forward): expected -3 <= axis < 3, got 3");
    expect(() => F.cumprod(x, { axis: -4 })).toThrow(InvalidType);
  });
});

test("batchL2NormSquared", async () => {
  const x = numbers([2, 3, 2], { seed: 2 });
  const v = elements(x);
  expectElements(F.batchL2NormSquared(x), [
    total(v.slice(0, 6).map((a) => a * a)),
    total(v.slice(6).map((a) => a * a)),
  ]);
  await checkGradients((a) => F.batchL2NormSquared(a), [x]);
  expect(F.batchL2NormSquared(zeros([0, 3])).shape).toEqual([0]);
  expect(() => F.batchL2NormSquared(zeros([]))).toThrow(InvalidType);
});
