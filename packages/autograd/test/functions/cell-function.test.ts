import { array, zeros, InvalidType, ValueError, type NdArray } from "@chain/array";
import { add, mul, sin, tanh, type Expr } from "@chain/array/kernel";
import {
  blocks,
  cellFunction,
  grad,
  interleaved,
  Variable,
  whole,
  type FunctionNode,
  type VariableLike,
} from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, inLayouts, numbers } from "./support.js";

/** Two results from a state and three parts: `c' = c · sin(p) + q`, `h = tanh(c') · r`. */
function body([c]: readonly [Expr], [p, q, r]: readonly [Expr, Expr, Expr]): [Expr, Expr] {
  const next = add(mul(c, sin(p)), q);
  return [next, mul(tanh(next), r)];
}

const side = cellFunction(
  "side",
  [
    ["c", whole],
    ["x", interleaved(3)],
  ],
  ["next", "h"],
  body,
);
const behind = cellFunction(
  "behind",
  [
    ["c", whole],
    ["x", blocks(3)],
  ],
  ["next", "h"],
  body,
);

/** Where part `part` of unit `unit` in row `row` lies. */
type Place = (row: number, unit: number, part: number, units: number) => number;
const sideBySide: Place = (row, unit, part, units) => row * 3 * units + 3 * unit + part;
const oneBehindTheOther: Place = (row, unit, part, units) => row * 3 * units + part * units + unit;

function expected(c: NdArray, x: NdArray, place: Place): [number[], number[]] {
  const [, units] = c.shape as [number, number];
  const [cs, xs] = [elements(c), elements(x)];
  const next = cs.map((value, i) => {
    const [row, unit] = [Math.floor(i / units), i % units];
    return value * Math.sin(xs[place(row, unit, 0, units)] as number) + (xs[place(row, unit, 1, units)] as number);
  });
  const h = next.map(
    (value, i) => Math.tanh(value) * (xs[place(Math.floor(i / units), i % units, 2, units)] as number),
  );
  return [next, h];
}

describe.each([
  ["side by side", side, sideBySide],
  ["one behind the other", behind, oneBehindTheOther],
] as const)("parts %s", (_, cell, place) => {
  test.each([
    [2, 3],
    [1, 1],
    [5, 8],
    [3, 17],
    [0, 3],
    [2, 0],
  ])("results for %i rows of %i units, in all layouts", (rows, units) => {
    for (const [, arrays] of inLayouts([numbers([rows, units]), numbers([rows, 3 * units], { seed: 2 })])) {
      const [c, x] = arrays as [NdArray, NdArray];
      const [next, h] = cell(c, x);
      const [wantedNext, wantedH] = expected(c, x, place);
      expect([next.shape, h.shape]).toEqual([c.shape, c.shape]);
      expectElements(next, wantedNext);
      expectElements(h, wantedH);
    }
  });

  test("float32 and float16", () => {
    for (const dtype of ["float32", "float16"] as const) {
      const [c, x] = [numbers([4, 5]).astype(dtype), numbers([4, 15], { seed: 2 }).astype(dtype)];
      const [next, h] = cell(c, x);
      expect([next.dtype, h.dtype]).toEqual([dtype, dtype]);
      const [wantedNext, wantedH] = expected(c, x, place);
      expectElements(next, wantedNext, dtype === "float16" ? 4e-3 : 1e-6);
      expectElements(h, wantedH, dtype === "float16" ? 4e-3 : 1e-6);
    }
  });

  test("first and second derivatives", async () => {
    const inputs = [numbers([2, 3]), numbers([2, 9], { seed: 2 })];
    await checkGradients((c, x) => cell(c, x), inputs);
    // Of one result alone, by one input alone.
    await checkGradients((c, x) => cell(c, x)[0], inputs);
    await checkGradients((c, x) => cell(c, x)[1], inputs);
    await checkGradients((c, x) => cell(c, x.array), inputs.slice(0, 1), { fixed: inputs.slice(1) });
    await checkGradients((x, c) => cell(c.array, x), inputs.slice(1), { fixed: inputs.slice(0, 1) });
  });
});

test("third derivatives are those of the composition", () => {
  const composed = (c: Variable, x: Variable): [Variable, Variable] => {
    const [p, q, r] = F.splitAxis(x, 3, 1) as [Variable, Variable, Variable];
    const next = F.add(F.mul(c, F.sin(p)), q);
    return [next, F.mul(F.tanh(next), r)];
  };
  const third = (cell: (c: Variable, x: Variable) => [Variable, Variable]): number[][] => {
    const inputs = [new Variable(numbers([2, 2])), new Variable(numbers([2, 6], { seed: 2 }))] as [Variable, Variable];
    const [y, h] = cell(...inputs);
    let total = F.add(F.sum(F.mul(y, numbers([2, 2], { seed: 3 }))), F.sum(F.mul(h, numbers([2, 2], { seed: 4 }))));
    for (let order = 0; order < 2; order++) {
      const [gc, gx] = grad([total], inputs, { enableDoubleBackprop: true }) as [Variable, Variable];
      total = F.add(
        F.sum(F.mul(gc, numbers([2, 2], { seed: 5 + order }))),
        F.sum(F.mul(gx, numbers([2, 6], { seed: 7 + order }))),
      );
    }
    return grad([total], inputs).map((g) => elements(g as Variable));
  };
  const [own, wanted] = [third((c, x) => behind(c, x)), third(composed)];
  own.flat().forEach((value, i) => expect(value).toBeCloseTo(wanted.flat()[i] as number, 10));
});

test("an input that a result does not depend on has no gradient by it", () => {
  const cell = cellFunction(
    "apart",
    [
      ["a", whole],
      ["b", blocks(2)],
    ],
    ["x", "y"],
    ([a], [b]) => [mul(a, a), mul(b, 3)],
  );
  const [a, b] = [new Variable(numbers([2, 2])), new Variable(numbers([2, 4]))];
  const [x, y] = cell(a, b);
  const [, none] = grad([x], [a, b]);
  expect(none).toBeNull();
  const [nothing, gb] = grad([y], [a, b]);
  expect(nothing).toBeNull();
  // The second part is not used.
  expect(elements(gb as Variable)).toEqual([3, 3, 0, 0, 3, 3, 0, 0]);
});

test("more operands than a plain elementwise kernel's key has room for", async () => {
  const wide = cellFunction("wide", [["x", blocks(14)]], ["y"], (parts) => [
    (parts as readonly Expr[]).reduce((sum, part, k) => add(sum, mul(part, mul(part, k)))),
  ]);
  await checkGradients((x) => wide(x), [numbers([2, 28])]);
});

test("computes the gradients of all inputs at once", () => {
  const [c, x] = [new Variable(numbers([2, 2])), new Variable(numbers([2, 6], { seed: 2 }))];
  const [, h] = side(c, x);
  const [gc, gx] = grad([F.sum(h)], [c, x], { enableDoubleBackprop: true }) as [Variable, Variable];
  expect(gc.creator).not.toBeNull();
  expect(gc.creator).toBe(gx.creator);
  expect(gc.creator?.label).toBe("side-grad");
});

/** The labels of functions that led to some variables, and how many arrays each touched. */
function touched(variables: readonly (Variable | null)[]): [label: string, arrays: number][] {
  const seen = new Set<FunctionNode>();
  const visit = (fn: FunctionNode | null): void => {
    if (fn === null || seen.has(fn)) return;
    seen.add(fn);
    for (const node of fn.inputs ?? []) visit(node.creator);
  };
  variables.forEach((variable) => visit(variable?.creator ?? null));
  return [...seen].map((fn) => [fn.label, (fn.inputs?.length ?? 0) + (fn.outputs?.length ?? 0)]);
}

test.each<[string, (xs: Variable[]) => Variable[], number[][]]>([
  [
    "lstm",
    ([c, x]) => F.lstm(c as Variable, x as Variable),
    [
      [2, 3],
      [2, 12],
    ],
  ],
  [
    "slstm",
    ([c, d, x, y]) => F.slstm(c as Variable, d as Variable, x as Variable, y as Variable),
    [
      [2, 3],
      [2, 3],
      [2, 12],
      [2, 12],
    ],
  ],
  [
    "treeLstm",
    (xs) => F.treeLstm(...xs),
    [
      [2, 3],
      [2, 3],
      [2, 3],
      [2, 18],
    ],
  ],
])("no kernel of %s touches more than eight arrays, which all GPUs bind", (label, run, shapes) => {
  const xs = shapes.map((shape, i) => new Variable(numbers(shape, { seed: i })));
  const weigh = (ys: readonly (Variable | null)[]): Variable =>
    ys.flatMap((y) => (y === null ? [] : [F.sum(F.mul(y, y))])).reduce((a, b) => F.add(a, b));
  const first = grad([weigh(run(xs))], xs, { enableDoubleBackprop: true });
  const second = grad([weigh(first)], xs, { enableDoubleBackprop: true });
  const own = touched(second).filter(([name]) => name.startsWith(label));
  expect(new Set(own.map(([name]) => name))).toEqual(new Set([label, `${label}-grad`, `${label}-grad-grad`]));
  expect(Math.max(...own.map(([, arrays]) => arrays))).toBeLessThanOrEqual(8);
  // The first gradients still come from one kernel.
  expect(touched(first).filter(([name]) => name === `${label}-grad`)).toHaveLength(1);
});

describe("refuses", () => {
  const c = numbers([2, 3]);

  test.each<[string, VariableLike, VariableLike, RegExp]>([
    ["another width", c, numbers([2, 8]), /side \(forward\): expected x\.shape == \(2, 9\), got \(2, 8\)/],
    ["other rows", c, numbers([3, 9]), /expected x\.shape == \(2, 9\), got \(3, 9\)/],
    ["mixed dtypes", c, zeros([2, 9]), /expected c\.dtype == x\.dtype, got float64 != float32/],
    ["integers", array([[1, 2]], { dtype: "int32" }), array([[1, 2, 3, 4, 5, 6]], { dtype: "int32" }), /floating/],
  ])("%s", (_, a, b, message) => {
    expect(() => side(a, b)).toThrow(InvalidType);
    expect(() => side(a, b)).toThrow(message);
  });

  test("a width that does not divide", () => {
    const only = cellFunction("only", [["x", interleaved(2)]], ["y"], ([p, q]) => [mul(p, q)]);
    expect(() => only(numbers([2, 3]))).toThrow(/only \(forward\): expected x\.shape\[1\] to be a multiple of 2/);
    expect(() => only(numbers([3]))).toThrow(InvalidType);
  });

  test("a body with more or fewer results than names", () => {
    expect(() => cellFunction("f", [["x", whole]], ["y", "z"], ([x]) => [x])).toThrow(ValueError);
  });
});
