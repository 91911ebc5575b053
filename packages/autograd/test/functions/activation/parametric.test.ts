import { array, InvalidType, random, ValueError } from "@chain/array";
import { usingConfig } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, gradientOf, numbers } from "../support.js";

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

describe.each([
  ["prelu", F.prelu, (x: number, w: number) => (x >= 0 ? x : w * x)],
  ["swish", F.swish, (x: number, beta: number) => x * logistic(beta * x)],
] as const)("%s", (name, fn, of) => {
  test.each<[number[], number[]]>([
    [[2, 3], [3]],
    [[2, 3, 4], [3]],
    [
      [2, 3, 4],
      [3, 4],
    ],
    [[2, 3], []],
    [[1, 1], [1]],
    [[0, 3], [3]],
  ])("of x of shape %j with a parameter of shape %j", (shape, own) => {
    const [x, w] = [numbers(shape), numbers(own, { seed: 2 })];
    const inner = shape.slice(1 + own.length).reduce((product, n) => product * n, 1);
    const weights = elements(w);
    const expected = elements(x).map((value, i) => of(value, weights[Math.floor(i / inner) % w.size] as number));
    const y = fn(x, w);
    expect(y.shape).toEqual(shape);
    expectElements(y, expected);
  });

  test.each<[number[], number[]]>([
    [[2, 3], [3]],
    [[2, 3, 2], [3]],
    [
      [2, 3, 2],
      [3, 2],
    ],
    [[2, 3], []],
  ])("has the right derivatives, x of shape %j with a parameter of shape %j", async (shape, own) => {
    await checkGradients((x, w) => fn(x, w), [numbers(shape, { avoid: [0] }), numbers(own, { seed: 2 })]);
  });

  test("refuses parameters that do not fit", () => {
    const x = numbers([2, 3]);
    expect(() => fn(x, numbers([2]))).toThrow(`${name} (forward): expected`);
    expect(() => fn(x, numbers([2, 3]))).toThrow(InvalidType);
    expect(() => fn(x, numbers([3]).astype("float32"))).toThrow(InvalidType);
    expect(() => fn(array([[1]], { dtype: "int32" }), array([1], { dtype: "int32" }))).toThrow(InvalidType);
  });
});

describe("crelu", () => {
  test("joins both halves", () => {
    const x = array(
      [
        [-1, 2],
        [3, -4],
      ],
      { dtype: "float64" },
    );
    expectElements(F.crelu(x), [0, 2, 1, 0, 3, 0, 0, 4]);
    expectElements(F.crelu(x, { axis: 0 }), [0, 2, 3, 0, 1, 0, 0, 4]);
    expect(F.crelu(x, { axis: -2 }).shape).toEqual([4, 2]);
  });

  test("has the right derivatives", async () => {
    await checkGradients((x) => F.crelu(x), [numbers([2, 3], { avoid: [0] })]);
  });

  test("has slope 0 at 0", () => {
    expectElements(gradientOf(F.crelu, array([[0]])), [0]);
  });

  test("refuses integers and axes that there are not", () => {
    expect(() => F.crelu(array([[1]], { dtype: "int32" }))).toThrow("crelu (forward): expected x of a floating dtype");
    expect(() => F.crelu(numbers([3]))).toThrow("crelu (forward): expected -1 <= axis < 1, got 1");
  });
});

describe("maxout", () => {
  test("takes the largest of each pool", () => {
    const x = array([[1, 5, 2, 4, 9, 8]], { dtype: "float64" });
    expectElements(F.maxout(x, 3), [5, 9]);
    expectElements(F.maxout(x, 2), [5, 4, 9]);
    expect(F.maxout(numbers([4, 2, 3]), 2, { axis: 0 }).shape).toEqual([2, 2, 3]);
  });

  test("has the right derivatives", async () => {
    await checkGradients((x) => F.maxout(x, 2), [numbers([3, 4])]);
    await checkGradients((x) => F.maxout(x, 3, { axis: -1 }), [numbers([2, 2, 6])]);
  });

  test("gives every tie the whole gradient", () => {
    expectElements(
      gradientOf((x) => F.maxout(x, 2), array([[3, 3, 1, 2]], { dtype: "float64" })),
      [1, 1, 0, 1],
    );
  });

  test("refuses pools that do not divide the axis", () => {
    expect(() => F.maxout(numbers([2, 5]), 2)).toThrow(
      "maxout (forward): expected x.shape[1] to be a multiple of poolSize 2, got 5",
    );
    expect(() => F.maxout(numbers([2, 4]), 0)).toThrow(InvalidType);
    expect(() => F.maxout(numbers([4]), 2)).toThrow(InvalidType);
  });
});

describe("rrelu in training", () => {
  test("draws a slope between l and u for every element", () => {
    const x = numbers([50, 20], { low: -2, high: 2 });
    const [y, r] = F.rrelu(x, { l: 0.25, u: 0.75, returnR: true });
    const slopes = elements(r);
    expect([r.shape, r.dtype]).toEqual([[50, 20], "float64"]);
    expect(Math.min(...slopes)).toBeGreaterThanOrEqual(0.25);
    expect(Math.max(...slopes)).toBeLessThan(0.75);
    expect(slopes.reduce((sum, v) => sum + v, 0) / slopes.length).toBeCloseTo(0.5, 1);
    expectElements(
      y,
      elements(x).map((v, i) => (v >= 0 ? v : v * (slopes[i] as number))),
    );
  });

  test("is repeated by the seed", () => {
    const x = numbers([5]);
    const draw = (): number[] => {
      random.seed(3);
      return elements(F.rrelu(x));
    };
    expect(draw()).toEqual(draw());
  });

  test("takes given slopes, and has the right derivatives with them", async () => {
    const x = numbers([2, 3], { avoid: [0] });
    const r = numbers([2, 3], { low: 0.1, high: 0.3, seed: 5 });
    const [y, same] = F.rrelu(x, { r, returnR: true });
    expect(same).toBe(r);
    const slopes = elements(r);
    expectElements(
      y,
      elements(x).map((v, i) => (v >= 0 ? v : v * (slopes[i] as number))),
    );
    await checkGradients((v, s) => F.rrelu(v, { r: s.array }), [x], { fixed: [r] });
  });

  test("returns the mean slope in test mode", () => {
    usingConfig("train", false, () => {
      const [, r] = F.rrelu(numbers([2]), { l: 0, u: 0.5, returnR: true });
      expectElements(r, [0.25, 0.25]);
    });
  });

  test("refuses bounds out of order and slopes that do not fit", () => {
    expect(() => F.rrelu(numbers([2]), { l: 0.5, u: 0.5 })).toThrow(ValueError);
    expect(() => F.rrelu(numbers([2]), { r: numbers([3]) })).toThrow(InvalidType);
    expect(() => F.rrelu(numbers([2]), { r: numbers([2]).astype("float32") })).toThrow(InvalidType);
  });
});
