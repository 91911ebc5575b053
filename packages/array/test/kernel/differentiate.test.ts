import { array, KernelError } from "@chain/array";
import * as k from "@chain/array/kernel";
import {
  differentiate,
  elementwiseOf,
  Interner,
  parametersIn,
  renumberParameters,
  type Expr,
} from "@chain/array/kernel";
import { describe, expect, test } from "@jest/globals";
import { opNames } from "../../src/kernel/ops-table.js";
import { printExpr } from "../../src/kernel/print.js";

const noNames = { scalars: [], uints: [], buffers: [] };
const parameter = (index: number): Expr => ({ kind: "parameter", index });
const [a, b, seed] = [parameter(0), parameter(1), parameter(2)];

const text = (expr: Expr | null): string => (expr === null ? "null" : printExpr(expr, noNames));

/** f(x, y) or its derivative, in float64. */
function evaluate(expr: Expr, x: number, y: number, gy = 1): number {
  const kernel = elementwiseOf("f", 3, expr);
  const of = (value: number) => array([value], { dtype: "float64" });
  return kernel(of(x), of(y), of(gy)).itemSync();
}

function expectClose(actual: number, expected: number, tolerance: number): void {
  const error = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  expect({ actual, expected, close: error < tolerance }).toEqual({ actual, expected, close: true });
}

const points: [string, (x: Expr, y: Expr) => Expr, [number, number][]][] = [
  ["add", k.add, [[0.3, -0.8]]],
  ["sub", k.sub, [[0.3, -0.8]]],
  ["mul", k.mul, [[0.3, -0.8]]],
  ["neg", k.neg, [[0.3, 0]]],
  [
    "abs",
    k.abs,
    [
      [0.3, 0],
      [-0.7, 0],
    ],
  ],
  [
    "max",
    k.max,
    [
      [0.3, 0.9],
      [0.9, 0.3],
    ],
  ],
  [
    "min",
    k.min,
    [
      [0.3, 0.9],
      [0.9, 0.3],
    ],
  ],
  [
    "fmod",
    k.fmod,
    [
      [5.3, 2.1],
      [-5.3, 2.1],
      [5.3, -2.1],
    ],
  ],
  ["div", k.div, [[0.3, -0.8]]],
  [
    "pow",
    k.pow,
    [
      [0.3, -1.8],
      [2.5, 3.2],
    ],
  ],
  [
    "atan2",
    k.atan2,
    [
      [0.3, -0.8],
      [-0.3, 0.8],
    ],
  ],
  ["sqrt", k.sqrt, [[0.3, 0]]],
  ["floor", k.floor, [[0.3, 0]]],
  ["ceil", k.ceil, [[0.3, 0]]],
  ["trunc", k.trunc, [[0.3, 0]]],
  ["rint", k.rint, [[0.3, 0]]],
  ["exp", k.exp, [[0.3, 0]]],
  ["expm1", k.expm1, [[0.3, 0]]],
  ["log", k.log, [[0.3, 0]]],
  ["log1p", k.log1p, [[0.3, 0]]],
  ["log2", k.log2, [[0.3, 0]]],
  ["log10", k.log10, [[0.3, 0]]],
  ["sin", k.sin, [[0.3, 0]]],
  ["cos", k.cos, [[0.3, 0]]],
  ["tan", k.tan, [[0.3, 0]]],
  ["asin", k.asin, [[0.3, 0]]],
  ["acos", k.acos, [[0.3, 0]]],
  ["atan", k.atan, [[0.3, 0]]],
  ["sinh", k.sinh, [[0.3, 0]]],
  ["cosh", k.cosh, [[0.3, 0]]],
  ["tanh", k.tanh, [[0.3, 0]]],
  ["asinh", k.asinh, [[0.3, 0]]],
  ["acosh", k.acosh, [[1.3, 0]]],
  ["atanh", k.atanh, [[0.3, 0]]],
  [
    "cbrt",
    k.cbrt,
    [
      [0.3, 0],
      [-0.3, 0],
    ],
  ],
  ["erf", k.erf, [[0.3, 0]]],
  ["erfc", k.erfc, [[0.3, 0]]],
  ["erfinv", k.erfinv, [[0.3, 0]]],
  [
    "lgamma",
    k.lgamma,
    [
      [0.3, 0],
      [3.7, 0],
    ],
  ],
  [
    "digamma",
    k.digamma,
    [
      [0.3, 0],
      [3.7, 0],
      [-1.6, 0],
    ],
  ],
  [
    "where",
    (x, y) => k.where(k.gt(x, y), k.mul(x, y), k.sin(y)),
    [
      [0.3, 0.9],
      [0.9, 0.3],
    ],
  ],
];

describe("derivatives agree with central differences, twice", () => {
  test.each(points)("%s", (_name, f, at) => {
    const expr = f(a, b);
    const eps = 1e-5;
    for (const [x, y] of at) {
      [0, 1].forEach((index) => {
        const slope = (e: Expr): number =>
          (evaluate(e, x + (index === 0 ? eps : 0), y + (index === 1 ? eps : 0)) -
            evaluate(e, x - (index === 0 ? eps : 0), y - (index === 1 ? eps : 0))) /
          (2 * eps);
        const first = differentiate(expr, index, seed);
        if (first === null) {
          expect(slope(expr)).toBe(0);
          return;
        }
        expectClose(evaluate(first, x, y), slope(expr), 1e-8);
        const second = differentiate(first, index, { kind: "constant", value: 1, boolean: false });
        expectClose(second === null ? 0 : evaluate(second, x, y), slope(first), 1e-8);
      });
    }
  });

  test("every operation has been tried, or has integer or logical operands", () => {
    const tried = new Set(points.map(([name]) => name));
    const discrete = /^(idiv|ipow|bit|sh|lt|le|gt|ge|eq|ne|logical)/;
    expect(opNames.filter((op) => !tried.has(op) && !discrete.test(op))).toEqual([]);
  });
});

describe("the seed multiplies", () => {
  test("where a branch is not taken, an infinite seed makes no NaN", () => {
    const relu = differentiate(k.max(0, a), 0, seed) as Expr;
    expect(evaluate(relu, -1, 0, Infinity)).toBe(0);
    expect(evaluate(relu, 1, 0, Infinity)).toBe(Infinity);
  });

  test("an overflow in the branch that is not taken does no harm", () => {
    const elu = differentiate(k.where(k.gt(a, 0), a, k.sub(k.exp(a), 1)), 0, seed) as Expr;
    expect(evaluate(elu, 1e4, 0)).toBe(1);
  });
});

describe("conventions where there is no derivative", () => {
  test("max and min give a tie to the first operand", () => {
    expect(evaluate(differentiate(k.max(a, 0), 0, seed) as Expr, 0, 0)).toBe(1);
    expect(evaluate(differentiate(k.max(0, a), 0, seed) as Expr, 0, 0)).toBe(0);
    expect(evaluate(differentiate(k.min(a, 1), 0, seed) as Expr, 1, 0)).toBe(1);
    expect(evaluate(differentiate(k.min(1, a), 0, seed) as Expr, 1, 0)).toBe(0);
  });

  test("abs has slope 0 at 0", () => {
    expect(evaluate(differentiate(k.abs(a), 0, seed) as Expr, 0, 0)).toBe(0);
  });

  test("comparisons, integer operations and positions have none", () => {
    for (const expr of [k.lt(a, b), k.logicalAnd(a, b), k.idiv(a, b), k.bitAnd(a, b), k.index, k.size, b]) {
      expect(differentiate(expr, 0, seed)).toBeNull();
    }
  });

  test("casts to floats pass, casts to integers do not", () => {
    expect(text(differentiate(k.cast(k.mul(a, 2), "float32"), 0, seed))).toBe("cast(mul(c, 2), float32)");
    expect(differentiate(k.cast(a, "int32"), 0, seed)).toBeNull();
  });

  test("bits and row reductions are refused", () => {
    expect(() => differentiate(k.bitcast(a, "int32"), 0, seed)).toThrow(KernelError);
    expect(differentiate(k.bitcast(b, "int32"), 0, seed)).toBeNull();
    expect(() => differentiate({ kind: "perRow", args: [a] }, 0, seed)).toThrow(KernelError);
  });
});

describe("simplification", () => {
  test.each<[string, Expr, string]>([
    ["sum", k.add(a, b), "c"],
    ["difference", k.sub(b, a), "neg(c)"],
    ["multiple", k.mul(3, a), "mul(c, 3)"],
    ["square", k.mul(a, a), "mul(c, mul(2, a))"],
    ["power 2", k.pow(a, 2), "mul(c, mul(2, a))"],
    ["power 3", k.pow(a, 3), "mul(c, mul(3, pow(a, 2)))"],
    ["relu", k.max(0, a), "where(ge(0, a), 0, c)"],
    ["exp", k.exp(a), "mul(c, exp(a))"],
    ["quotient of constants", k.div(1, a), "div(neg(mul(c, div(1, a))), a)"],
  ])("%s", (_name, expr, expected) => {
    expect(text(differentiate(expr, 0, seed))).toBe(expected);
  });

  test("equal expressions become one object; 0 and -0 stay apart", () => {
    const interner = new Interner();
    expect(interner.intern(k.exp(k.add(a, b)))).toBe(interner.intern(k.exp(k.add(parameter(0), parameter(1)))));
    expect(interner.intern(k.mul(a, 0))).not.toBe(interner.intern(k.mul(a, -0)));
    expect(interner.intern(k.logicalOr(a, true))).not.toBe(interner.intern(k.logicalOr(a, 1)));
    expect(interner.intern(k.add(0, k.mul(1, a)))).toBe(interner.intern(a));
  });

  test("the result can stand for the function's value", () => {
    const interner = new Interner();
    const y = interner.intern(k.exp(a));
    const derivative = differentiate(y, 0, seed, interner) as Expr;
    expect(text(interner.replace(derivative, y, b))).toBe("mul(c, b)");
  });
});

describe("parameters", () => {
  test("are found, those of a cast's target too", () => {
    expect(parametersIn(k.castLike(k.add(parameter(4), 1), parameter(2)))).toEqual([2, 4]);
    expect(parametersIn(k.add(1, 2))).toEqual([]);
  });

  test("get new numbers", () => {
    expect(text(renumberParameters(k.add(parameter(4), k.exp(parameter(2))), [2, 4]))).toBe("add(b, exp(a))");
  });
});

test("a kernel of expressions takes one operand or more", () => {
  expect(() => elementwiseOf("f", 0, k.add(1, 2))).toThrow(KernelError);
  expect(() => elementwiseOf("f", 1.5, a)).toThrow(KernelError);
  expect(elementwiseOf("f", 1, k.add(a, 1))(array([1, 2])).tolistSync()).toEqual([2, 3]);
  const many = Array.from({ length: 12 }, (_, index): Expr => ({ kind: "parameter", index }));
  const [sum, last] = [many.reduce((total, x) => k.add(total, x)), many.at(-1) as Expr];
  const operands = many.map((_, i) => array([i, 10 * i]));
  expect(elementwiseOf("f", 12, [sum, last])(...operands).map((y) => y.tolistSync())).toEqual([
    [66, 660],
    [11, 110],
  ]);
});

describe("series", () => {
  const value = (f: (x: Expr) => Expr, x: number): number =>
    elementwiseOf("f", 1, f(a))(array([x], { dtype: "float64" })).itemSync();

  test("trigamma", () => {
    // π²/6, π²/2, and the reflection at -1/2: π²/2 + 4.
    expect(value(k.trigamma, 1)).toBeCloseTo(Math.PI ** 2 / 6, 12);
    expect(value(k.trigamma, 0.5)).toBeCloseTo(Math.PI ** 2 / 2, 12);
    expect(value(k.trigamma, -0.5)).toBeCloseTo(Math.PI ** 2 / 2 + 4, 11);
  });

  test("Hurwitz's zeta function", () => {
    expect(value((s) => k.hurwitzZeta(s, 1), 2)).toBeCloseTo(Math.PI ** 2 / 6, 12);
    expect(value((s) => k.hurwitzZeta(s, 1), 4)).toBeCloseTo(Math.PI ** 4 / 90, 12);
    // ζ(3, 2) = ζ(3) - 1 and ζ(3/2, 2) = ζ(3/2) - 1.
    expect(value((q) => k.hurwitzZeta(3, q), 2)).toBeCloseTo(0.2020569031595943, 12);
    expect(value((q) => k.hurwitzZeta(1.5, q), 2)).toBeCloseTo(1.612375348685488, 12);
  });
});
