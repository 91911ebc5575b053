import { array, type NdArray } from "@chain/array";
import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, gradientOf, numbers } from "../support.js";

type Unary = (x: Variable) => Variable;

/** Value, range of inputs, kinks. */
const unary: [string, Unary, (x: number) => number, { low?: number; high?: number; avoid?: number[] }][] = [
  ["exp", (x) => F.exp(x), Math.exp, {}],
  ["expm1", (x) => F.expm1(x), Math.expm1, {}],
  ["log", (x) => F.log(x), Math.log, { low: 0.1 }],
  ["log2", (x) => F.log2(x), Math.log2, { low: 0.1 }],
  ["log10", (x) => F.log10(x), Math.log10, { low: 0.1 }],
  ["log1p", (x) => F.log1p(x), Math.log1p, { low: -0.8 }],
  ["sqrt", (x) => F.sqrt(x), Math.sqrt, { low: 0.1 }],
  ["rsqrt", (x) => F.rsqrt(x), (x) => 1 / Math.sqrt(x), { low: 0.1 }],
  ["square", (x) => F.square(x), (x) => x * x, {}],
  ["absolute", (x) => F.absolute(x), Math.abs, { avoid: [0] }],
  ["neg", (x) => F.neg(x), (x) => -x, {}],
  ["sin", (x) => F.sin(x), Math.sin, {}],
  ["cos", (x) => F.cos(x), Math.cos, {}],
  ["tan", (x) => F.tan(x), Math.tan, { low: -1.2, high: 1.2 }],
  ["arcsin", (x) => F.arcsin(x), Math.asin, { low: -0.9, high: 0.9 }],
  ["arccos", (x) => F.arccos(x), Math.acos, { low: -0.9, high: 0.9 }],
  ["arctan", (x) => F.arctan(x), Math.atan, {}],
  ["sinh", (x) => F.sinh(x), Math.sinh, {}],
  ["cosh", (x) => F.cosh(x), Math.cosh, {}],
  ["arctanh", (x) => F.arctanh(x), Math.atanh, { low: -0.9, high: 0.9 }],
  ["pow 3", (x) => F.pow(x, 3), (x) => x ** 3, {}],
  ["pow -1", (x) => F.pow(x, -1), (x) => 1 / x, { avoid: [0] }],
  ["pow 2.5", (x) => F.pow(x, 2.5), (x) => x ** 2.5, { low: 0.1 }],
  ["rpow", (x) => F.pow(2, x), (x) => 2 ** x, {}],
  ["rdiv", (x) => F.div(3, x), (x) => 3 / x, { avoid: [0] }],
  ["clip", (x) => F.clip(x, -1, 1), (x) => Math.min(Math.max(x, -1), 1), { avoid: [-1, 1] }],
  ["clip from below", (x) => F.clip(x, 0, null), (x) => Math.max(x, 0), { avoid: [0] }],
];

describe.each(unary)("%s", (_name, fn, reference, range) => {
  test("values", () => {
    for (const shape of [[], [1], [7], [3, 5], [0], [2, 0]]) {
      const x = numbers(shape, range);
      const y = fn(x as unknown as Variable);
      expect(y.shape).toEqual(shape);
      expectElements(y, elements(x).map(reference));
    }
  });

  test("first and second derivatives", async () => {
    for (const shape of [[], [2, 3], [7], [0]]) await checkGradients(fn, [numbers(shape, range)]);
  });
});

const binary: [string, (a: Variable, b: Variable) => Variable, (a: number, b: number) => number][] = [
  ["add", (a, b) => F.add(a, b), (a, b) => a + b],
  ["sub", (a, b) => F.sub(a, b), (a, b) => a - b],
  ["mul", (a, b) => F.mul(a, b), (a, b) => a * b],
  ["div", (a, b) => F.div(a, b), (a, b) => a / b],
  ["pow", (a, b) => F.pow(a, b), (a, b) => a ** b],
  ["maximum", (a, b) => F.maximum(a, b), Math.max],
  ["minimum", (a, b) => F.minimum(a, b), Math.min],
  ["arctan2", (a, b) => F.arctan2(a, b), Math.atan2],
];

describe.each(binary)("%s", (_name, fn, reference) => {
  const pairs: [number[], number[]][] = [
    [
      [2, 3],
      [2, 3],
    ],
    [[2, 3], [3]],
    [
      [2, 1],
      [1, 3],
    ],
    [[], [4]],
    [
      [2, 0],
      [1, 1],
    ],
  ];

  test.each(pairs)("values and derivatives of %j and %j", async (left, right) => {
    const a = numbers(left, { low: 0.5, high: 2, seed: 3 });
    const b = numbers(right, { low: 0.55, high: 2.1, seed: 8 });
    const y = fn(a as unknown as Variable, b as unknown as Variable);
    const at = (x: NdArray): number[] => elements(F.broadcastTo(x, y.shape));
    const other = at(b);
    expectElements(
      y,
      at(a).map((value, i) => reference(value, other[i] as number)),
    );
    await checkGradients(fn, [a, b]);
  });
});

describe("several operands", () => {
  test("add sums any number of them", async () => {
    for (let n = 2; n <= 7; n++) {
      const xs = Array.from({ length: n }, (_, i) => numbers(i % 2 === 0 ? [2, 3] : [3], { seed: i }));
      const sum = (...vs: Variable[]): Variable => F.add(...(vs as [Variable, Variable, ...Variable[]]));
      expectElements(
        sum(...(xs as unknown as Variable[])),
        [0, 1, 2, 3, 4, 5].map((k) => xs.reduce((s, x) => s + (elements(x)[k % x.size] as number), 0)),
      );
      await checkGradients(sum, xs);
    }
  });

  test("linearInterpolate", async () => {
    const [p, x, y] = [numbers([2, 3], { seed: 1 }), numbers([2, 3], { seed: 2 }), numbers([2, 3], { seed: 3 })];
    const [ps, xs, ys] = [elements(p), elements(x), elements(y)];
    expectElements(
      F.linearInterpolate(p, x, y),
      ps.map((v, i) => v * (xs[i] as number) + (1 - v) * (ys[i] as number)),
    );
    await checkGradients((a, b, c) => F.linearInterpolate(a, b, c), [p, x, y]);
  });

  test("fmod has the sign of the dividend", async () => {
    const x = array([5.3, -5.3, 5.3, -5.3], { dtype: "float64" });
    const d = array([2, 2, -2, -2], { dtype: "float64" });
    expectElements(F.fmod(x, d), [1.3, -1.3, 1.3, -1.3]);
    await checkGradients((a, b) => F.fmod(a, b), [x, d]);
  });

  test("floordiv rounds down, as NumPy does", () => {
    const x = array([7, -7, 7, -7, 1, 0], { dtype: "float64" });
    const d = array([2, 2, -2, -2, 0, 5], { dtype: "float64" });
    expectElements(F.floordiv(x, d), [3, -4, -4, 3, Infinity, 0]);
  });
});

describe("where there is no derivative", () => {
  const at = (fn: Unary, ...points: number[]): number[] => elements(gradientOf(fn, array(points)));

  test("absolute has slope 0 at 0", () => {
    expect(at((x) => F.absolute(x), -1, 0, 1)).toEqual([-1, 0, 1]);
  });

  test("clip passes at its limits", () => {
    expect(at((x) => F.clip(x, -1, 1), -2, -1, 0, 1, 2)).toEqual([0, 1, 1, 1, 0]);
  });

  test("maximum and minimum give ties to the first", () => {
    const tie = array([3]);
    expect(at((x) => F.maximum(x, tie), 3)).toEqual([1]);
    expect(at((x) => F.maximum(F.mul(x, 1), F.mul(x, 2)), 0)).toEqual([1]);
    expect(at((x) => F.minimum(F.mul(x, 2), F.mul(x, 1)), 0)).toEqual([2]);
  });

  test.each<[string, Unary, number[]]>([
    ["floor", (x) => F.floor(x), [-2, -1, 0, 1]],
    ["ceil", (x) => F.ceil(x), [-1, -0, 1, 2]],
    ["fix", (x) => F.fix(x), [-1, -0, 0, 1]],
    ["sign", (x) => F.sign(x), [-1, -1, 1, 1]],
  ])("%s is flat", (_name, fn, expected) => {
    const x = array([-1.5, -0.5, 0.5, 1.5]);
    expect(elements(fn(x as unknown as Variable))).toEqual(expected);
    expect(() => gradientOf(fn, x)).toThrow("no gradient");
  });

  test("sign keeps 0 and NaN", () => {
    expect(elements(F.sign(array([0, -0, NaN])))).toEqual([0, -0, NaN]);
  });
});

describe("bad arguments", () => {
  test("clip", () => {
    expect(() => F.clip(array([1]), null, null)).toThrow("clip: give xMin, xMax or both");
    expect(() => F.clip(array([1]), 2, 1)).toThrow("clip: xMin must not be above xMax, got 2 and 1");
  });

  test("numbers alone", () => {
    expect(() => F.add(1, 2)).toThrow("add: an operand must be an array, got only numbers");
    expect(() => F.exp(1)).toThrow("exp: an operand must be an array, got only numbers");
    expect(() => F.linearInterpolate(1, 2, 3)).toThrow("got only numbers");
  });

  test("integers where floats are needed", () => {
    const n = array([1, 2], { dtype: "int32" });
    expect(() => F.div(n, n)).toThrow("div (forward): expected a floating dtype, got int32");
    expect(elements(F.add(n, n))).toEqual([2, 4]);
  });
});

describe("float16 and float32", () => {
  test.each(["float16", "float32"] as const)("%s results and gradients have the dtype", (dtype) => {
    const x = array([0.5, 1.5], { dtype });
    const y = F.mul(F.exp(F.div(x, 3)), 2.5);
    expect(y.dtype).toBe(dtype);
    expectElements(
      y,
      [0.5, 1.5].map((v) => Math.exp(v / 3) * 2.5),
    );
    expect(gradientOf((v) => F.tanh(F.mul(v, 0.3)), x).dtype).toBe(dtype);
  });
});
