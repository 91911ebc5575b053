import { array, InvalidType, zeros, type NdArray } from "@chain/array";
import { usingConfig, type Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, gradientOf, inLayouts, numbers } from "../support.js";

interface Case {
  readonly name: string;
  readonly fn: (x: Variable | NdArray) => Variable;
  /** The definition, in float64. */
  readonly of: (x: number) => number;
  /** Points without a derivative, which gradient checks avoid. */
  readonly kinks?: readonly number[];
  /** The gradient at such points (and others), by convention. */
  readonly slopes?: readonly (readonly [x: number, slope: number])[];
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const [alpha, scale] = [1.6732632423543772, 1.0507009873554805];

const cases: readonly Case[] = [
  {
    name: "relu",
    fn: F.relu,
    of: (x) => Math.max(x, 0),
    kinks: [0],
    slopes: [
      [0, 0],
      [-1, 0],
      [2, 1],
    ],
  },
  {
    name: "clippedRelu",
    fn: (x) => F.clippedRelu(x, { z: 1.5 }),
    of: (x) => Math.min(Math.max(x, 0), 1.5),
    kinks: [0, 1.5],
    slopes: [
      [0, 0],
      [1.5, 0],
      [1, 1],
      [2, 0],
    ],
  },
  {
    name: "clippedRelu, up to 20",
    fn: F.clippedRelu,
    of: (x) => Math.min(Math.max(x, 0), 20),
    kinks: [0],
    slopes: [
      [20, 0],
      [19, 1],
    ],
  },
  {
    name: "relu6",
    fn: F.relu6,
    of: (x) => Math.min(Math.max(x, 0), 6),
    kinks: [0],
    slopes: [
      [6, 0],
      [0, 0],
      [5, 1],
    ],
  },
  { name: "elu", fn: F.elu, of: (x) => (x > 0 ? x : Math.expm1(x)), kinks: [0], slopes: [[0, 1]] },
  {
    name: "elu, alpha 0.5",
    fn: (x) => F.elu(x, { alpha: 0.5 }),
    of: (x) => (x > 0 ? x : 0.5 * Math.expm1(x)),
    kinks: [0],
    slopes: [[0, 0.5]],
  },
  {
    name: "elu, alpha -0.5",
    fn: (x) => F.elu(x, { alpha: -0.5 }),
    of: (x) => (x > 0 ? x : -0.5 * Math.expm1(x)),
    kinks: [0],
  },
  {
    name: "hardSigmoid",
    fn: F.hardSigmoid,
    of: (x) => Math.min(Math.max(0.2 * x + 0.5, 0), 1),
    slopes: [
      [2.5, 0],
      [-2.5, 0],
      [3, 0],
      [0, 0.2],
    ],
  },
  {
    name: "leakyRelu",
    fn: F.leakyRelu,
    of: (x) => (x >= 0 ? x : 0.2 * x),
    kinks: [0],
    slopes: [
      [0, 1],
      [-1, 0.2],
    ],
  },
  {
    name: "leakyRelu, slope 0",
    fn: (x) => F.leakyRelu(x, { slope: 0 }),
    of: (x) => (x >= 0 ? x : 0),
    kinks: [0],
    slopes: [
      [0, 1],
      [-1, 0],
    ],
  },
  {
    name: "leakyRelu, slope -1",
    fn: (x) => F.leakyRelu(x, { slope: -1 }),
    of: Math.abs,
    kinks: [0],
    slopes: [[-1, -1]],
  },
  {
    name: "rrelu in test mode",
    fn: (x) => usingConfig("train", false, () => F.rrelu(x)),
    of: (x) => (x >= 0 ? x : (x * (1 / 8 + 1 / 3)) / 2),
    kinks: [0],
  },
  {
    name: "selu",
    fn: F.selu,
    of: (x) => scale * (x > 0 ? x : alpha * Math.expm1(x)),
    kinks: [0],
    slopes: [[0, scale * alpha]],
  },
  { name: "sigmoid", fn: F.sigmoid, of: logistic },
  { name: "softplus", fn: F.softplus, of: (x) => Math.log1p(Math.exp(x)) },
  { name: "softplus, beta 3", fn: (x) => F.softplus(x, { beta: 3 }), of: (x) => Math.log1p(Math.exp(3 * x)) / 3 },
  { name: "tanh", fn: F.tanh, of: Math.tanh },
];

describe.each(cases)("$name", ({ name, fn, of, kinks = [], slopes = [] }) => {
  test.each([[[7]], [[]], [[1, 1]], [[0, 3]], [[4, 5, 3]]])("is what its definition says, shape %j", (shape) => {
    const x = numbers(shape, { low: -4, high: 4 });
    const expected = elements(x).map(of);
    for (const dtype of ["float64", "float32", "float16"] as const) {
      const typed = x.astype(dtype);
      const y = fn(typed);
      expect([y.shape, y.dtype]).toEqual([shape, dtype]);
      expectElements(
        y,
        dtype === "float64" ? expected : elements(typed).map(of),
        dtype === "float16" ? 4e-3 : undefined,
      );
    }
    for (const [, [laidOut]] of inLayouts([x])) expectElements(fn(laidOut as NdArray), expected);
  });

  test("has the right derivatives", async () => {
    await checkGradients((x) => fn(x), [numbers([3, 4], { avoid: kinks })]);
  });

  if (slopes.length > 0) {
    test("has slopes by convention where it has no derivative", () => {
      const x = array(
        slopes.map(([at]) => at),
        { dtype: "float64" },
      );
      expectElements(
        gradientOf(fn, x),
        slopes.map(([, slope]) => slope),
      );
    });
  }

  test("takes floats only", () => {
    expect(() => fn(array([1, 2], { dtype: "int32" }))).toThrow(InvalidType);
    expect(() => fn(zeros([2], { dtype: "bool" }))).toThrow(`${name.split(/[ ,]/)[0]} (forward): expected`);
  });
});

test("large arguments neither overflow nor lose the result", () => {
  const x = array([-1000, -100, 100, 1000], { dtype: "float64" });
  expectElements(F.sigmoid(x), [0, Math.exp(-100), 1, 1]);
  expectElements(F.softplus(x), [0, Math.exp(-100), 100, 1000]);
  expectElements(F.tanh(x), [-1, -1, 1, 1]);
  expectElements(F.elu(x), [-1, -1, 100, 1000]);
});

test("NaN stays NaN", () => {
  const x = array([NaN], { dtype: "float64" });
  for (const { fn } of cases) expect(elements(fn(x))).toEqual([NaN]);
});
