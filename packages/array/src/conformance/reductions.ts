/** Reductions over every choice of axes. */
import { accumulatorType, dtypes, isFloating, type DType } from "../dtype.js";
import type { Expr } from "../kernel/expr.js";
import * as k from "../kernel/ops.js";
import { reduction } from "../kernel/reduction.js";
import type { NdArray } from "../ndarray.js";
import { sizeOf, type Shape } from "../shape.js";
import { argmax, argmin, max, min } from "../reductions/extrema.js";
import { prod, sum } from "../reductions/sum.js";
import { all, any } from "../reductions/truth.js";
import { exact, expectArray, expectTrue, type Tolerance } from "./compare.js";
import { define, type CaseDefinition } from "./context.js";
import { laidOut, layouts } from "./layouts.js";
import { randomNumbers } from "./samples.js";

/** For every position of the result, the elements that are reduced to it, in C order. */
function groups(values: readonly number[], shape: Shape, axes: readonly number[]): number[][] {
  const kept = shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const result = Array.from({ length: sizeOf(kept.map((i) => shape[i] as number)) }, (): number[] => []);
  values.forEach((value, position) => {
    let rest = position;
    const index = new Array<number>(shape.length);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const length = shape[axis] as number;
      index[axis] = rest % length;
      rest = Math.floor(rest / length);
    }
    const target = kept.reduce((at, axis) => at * (shape[axis] as number) + (index[axis] as number), 0);
    result[target]?.push(value);
  });
  return result;
}

function subsets(count: number): number[][] {
  return Array.from({ length: 2 ** count }, (_, bits) =>
    Array.from({ length: count }, (__, i) => i).filter((i) => bits & (1 << i)),
  );
}

function addAll(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

const overAxes: CaseDefinition[] = layouts.map((layout) =>
  define(`reduction: ${layout} over any axes`, ["float32", "int32"], async (context) => {
    for (const shape of [
      [6, 5, 7],
      [3, 1, 9],
      [2, 3, 2, 4],
    ]) {
      const { x, values } = laidOut(context, layout, shape, "float32");
      for (const axes of subsets(shape.length)) {
        const grouped = groups(values, shape, axes);
        const outShape = shape.filter((_, i) => !axes.includes(i));
        const kept = shape.map((length, i) => (axes.includes(i) ? 1 : length));
        await expectArray(sum(x, { axis: axes }), grouped.map(addAll), "float32", outShape);
        const largest = grouped.map((group) => Math.max(...group));
        await expectArray(max(x, { axis: axes, keepdims: true }), largest, "float32", kept);
      }
      for (const axis of shape.keys()) {
        const grouped = groups(values, shape, [axis]);
        const outShape = shape.toSpliced(axis, 1);
        const first = grouped.map((group) => group.indexOf(Math.max(...group)));
        const lowest = grouped.map((group) => group.indexOf(Math.min(...group)));
        await expectArray(argmax(x, { axis }), first, "int32", outShape);
        await expectArray(argmin(x, { axis }), lowest, "int32", outShape);
      }
    }
  }),
);

const typed: CaseDefinition[] = dtypes.map((dtype) =>
  define(
    `reduction: sum, prod, max, min, any, all of ${dtype}`,
    [dtype, accumulatorType(dtype), "bool"],
    async (context) => {
      const shape = [5, 37];
      const { x, values } = laidOut(context, "contiguous", shape, dtype);
      const wide = accumulatorType(dtype);
      const tolerance: Tolerance = isFloating(dtype) ? { ulps: 2 } : exact;
      for (const axis of [0, 1]) {
        const grouped = groups(values, shape, [axis]);
        const outShape = [shape[1 - axis] as number];
        await expectArray(sum(x, { axis }), grouped.map(addAll), wide, outShape, tolerance);
        await expectArray(
          max(x, { axis }),
          grouped.map((g) => Math.max(...g)),
          dtype,
          outShape,
        );
        await expectArray(
          min(x, { axis }),
          grouped.map((g) => Math.min(...g)),
          dtype,
          outShape,
        );
        await expectArray(
          any(x, { axis }),
          grouped.map((g) => Number(g.some((v) => v !== 0))),
          "bool",
          outShape,
        );
        await expectArray(
          all(x, { axis }),
          grouped.map((g) => Number(g.every((v) => v !== 0))),
          "bool",
          outShape,
        );
      }
      const few = context.array(
        [1, 2, 3, 4].map((v) => (dtype === "bool" ? Number(v < 4) : v)),
        dtype,
      );
      await expectArray(prod(few), [dtype === "bool" ? 0 : 24], wide, []);
    },
  ),
);

const twoOperands = reduction("conformance_dot", {
  map: (a: Expr, b: Expr) => k.mul(a, b),
  combine: k.add,
  identity: 0,
});
const moments = reduction("conformance_moments", {
  map: (x: Expr) => [x, k.mul(x, x)],
  combine: ([a, b], [c, d]) => [k.add(a as Expr, c as Expr), k.add(b as Expr, d as Expr)],
  identity: [0, 0],
  finish: ([total, squares], count) => k.sub(k.div(squares as Expr, count), k.square(k.div(total as Expr, count))),
});
/** Three results of one pass: the largest element, where it is first, and the number of elements above 0. */
const survey = reduction("conformance_survey", {
  map: (x: Expr) => [x, k.index, k.cast(k.gt(x, 0), "int32")],
  combine: ([a, i, n], [b, j, m]) => {
    const [x, at, y, other] = [a as Expr, i as Expr, b as Expr, j as Expr];
    const wins = k.logicalOr(k.gt(x, y), k.logicalAnd(k.eq(x, y), k.lt(at, other)));
    return [k.where(wins, x, y), k.where(wins, at, other), k.add(n as Expr, m as Expr)];
  },
  identity: [-Infinity, 2 ** 31 - 1, 0],
  finish: ([x, at, n]) => [k.mul(x as Expr, 2), at as Expr, n as Expr] as const,
});
const lastPositive = reduction("conformance_last", {
  map: (x: Expr) => k.where(k.gt(x, 0), k.index, -1),
  combine: k.max,
  identity: -1,
});
const countEqual = reduction("conformance_count_equal", {
  map: (x: Expr, number: Expr) => k.where(k.eq(x, number), 1, 0),
  combine: k.add,
  identity: 0,
});

function accurate(dtype: DType, allowed: number): CaseDefinition {
  return define(`reduction: ten million tenths of ${dtype} add up`, [dtype], async ({ array }) => {
    const count = 10_000_000;
    const tenth = dtype === "float32" ? Math.fround(0.1) : 0.1;
    const total = sum(array(new Float64Array(count).fill(0.1), dtype));
    const error = Math.abs((await total.item()) / (tenth * count) - 1);
    total.dispose();
    expectTrue(error <= allowed, `relative error ${error}, allowed ${allowed}`);
  });
}

const others: CaseDefinition[] = [
  define("reduction: sizes that are no multiple of a vector or block, and large ones", ["float32"], async (context) => {
    for (const size of [1, 2, 3, 5, 8, 13, 31, 33, 127, 128, 129, 255, 257, 1023, 4097, 100_003, 1_000_001]) {
      const { x, values } = laidOut(context, "contiguous", [size], "float32");
      await expectArray(sum(x), [addAll(values)], "float32", [], { ulps: 4 });
      if (size > 200_000) continue;
      const column = laidOut(context, "contiguous", [size, 3], "float32");
      const sums = groups(column.values, [size, 3], [0]).map(addAll);
      await expectArray(sum(column.x, { axis: 0 }), sums, "float32", [3], { ulps: 4 });
    }
  }),
  accurate("float32", 1e-6),
  accurate("float64", 1e-13),
  define("reduction: nothing to reduce gives the identity", ["float32", "bool"], async ({ array }) => {
    const x = array([], "float32", [0, 3]);
    await expectArray(sum(x, { axis: 0 }), [0, 0, 0], "float32", [3]);
    await expectArray(prod(x), [1], "float32", []);
    await expectArray(any(x), [0], "bool", []);
    await expectArray(all(x), [1], "bool", []);
    await expectArray(sum(x, { axis: 1 }), [], "float32", [0]);
  }),
  define("reduction: NaN and infinities", ["float32", "int32"], async ({ array }) => {
    const x = array([1, NaN, 3, -Infinity, -Infinity, -Infinity, NaN, Infinity, NaN], "float32", [3, 3]);
    await expectArray(max(x, { axis: 1 }), [NaN, -Infinity, NaN], "float32", [3]);
    await expectArray(min(x, { axis: 1 }), [NaN, -Infinity, NaN], "float32", [3]);
    await expectArray(argmax(x, { axis: 1 }), [1, 0, 0], "int32", [3]);
    await expectArray(argmin(x, { axis: 1 }), [1, 0, 0], "int32", [3]);
    await expectArray(sum(x, { axis: 1 }), [NaN, -Infinity, NaN], "float32", [3]);
  }),
  define("reduction: the first of equal elements is found in long arrays", ["float32", "int32"], async ({ array }) => {
    const values = new Float32Array(70_001).fill(1);
    values[40_000] = 2;
    values[60_000] = 2;
    await expectArray(argmax(array(values)), [40_000], "int32", []);
    await expectArray(argmin(array(values)), [0], "int32", []);
  }),
  define("reduction: two operands that broadcast", ["float32"], async ({ array }) => {
    const a = randomNumbers(12, -1, 1, 5).map(Math.fround);
    const b = randomNumbers(4, -1, 1, 6).map(Math.fround);
    const expected = [0, 1, 2].map((row) => addAll(b.map((value, i) => value * (a[4 * row + i] as number))));
    const x = array(a, "float32", [3, 4]);
    await expectArray(twoOperands(x, array(b), { axis: 1 }), expected, "float32", [3], { absolute: 1e-6 });
    await expectArray(twoOperands(x, 2, { axis: [0, 1] }), [2 * addAll(a)], "float32", [], { absolute: 1e-5 });
  }),
  define("reduction: numbers are rounded to float32", ["float32", "int32"], async ({ array }) => {
    const counted = await countEqual(array([0.1, 0.2, 0.1]), 0.1).item();
    expectTrue(counted === 2, `expected 2 elements that equal 0.1, got ${counted}`);
  }),
  define("reduction: a state of several components", ["float32"], async (context) => {
    const { x, values } = laidOut(context, "transposed", [40, 6], "float32");
    const expected = groups(values, [40, 6], [0]).map((group) => {
      const mean = addAll(group) / group.length;
      return addAll(group.map((value) => (value - mean) ** 2)) / group.length;
    });
    await expectArray(moments(x, { axis: 0 }), expected, "float32", [6], { absolute: 1e-3 });
  }),
  define("reduction: several results, over any axes and long ones", ["float32", "int32"], async (context) => {
    const check = async (
      x: NdArray,
      values: readonly number[],
      shape: Shape,
      axes: readonly number[],
    ): Promise<void> => {
      const found = groups(values, shape, axes).map((group): [number, number, number] => {
        const largest = group.reduce((a, b) => Math.max(a, b));
        return [2 * largest, group.indexOf(largest), group.filter((v) => v > 0).length];
      });
      const outShape = shape.filter((_, i) => !axes.includes(i));
      const results = survey(x, { axis: axes });
      for (const [i, dtype] of (["float32", "int32", "int32"] as const).entries()) {
        const expected = found.map((each) => each[i] as number);
        await expectArray(results[i] as NdArray, expected, dtype, outShape);
      }
    };
    for (const layout of layouts) {
      const shape = [5, 3, 9];
      const { x, values } = laidOut(context, layout, shape, "float32");
      for (const axes of subsets(shape.length)) await check(x, values, shape, axes);
    }
    for (const shape of [[100_003], [70_001, 3], [3, 70_001]]) {
      const values = randomNumbers(sizeOf(shape), -1, 1, 7).map(Math.fround);
      const x = context.array(values, "float32", shape);
      await check(x, values, shape, shape.length === 1 ? [0] : [shape.indexOf(70_001)]);
    }
  }),
  define("reduction: several results into arrays", ["float32", "int32"], async (context) => {
    const { x, values } = laidOut(context, "contiguous", [4, 6], "float32");
    const [largest, at, positive] = [
      laidOut(context, "sliced", [6], "float32").x,
      laidOut(context, "reversed", [6], "int32").x,
      laidOut(context, "contiguous", [6], "int32").x,
    ];
    survey.into([largest, at, positive], x, { axis: 0 });
    const columns = groups(values, [4, 6], [0]);
    const doubled = columns.map((group) => 2 * Math.max(...group));
    await expectArray(largest, doubled, "float32", [6]);
    const positions = columns.map((group) => group.indexOf(Math.max(...group)));
    await expectArray(at, positions, "int32", [6]);
    const counts = columns.map((group) => group.filter((v) => v > 0).length);
    await expectArray(positive, counts, "int32", [6]);
  }),
  define("reduction: the position along the reduced axes", ["float32", "int32"], async ({ array }) => {
    const x = array([0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1], "float32", [2, 3, 2]);
    await expectArray(lastPositive(x, { axis: [1, 2] }), [3, 5], "int32", [2]);
    await expectArray(lastPositive(x, { axis: 1 }), [-1, 1, -1, 2], "int32", [2, 2]);
    await expectArray(lastPositive(x), [11], "int32", []);
  }),
  ...(["float32", "float64"] as const).map((dtype) =>
    define(`reduction: into ${dtype} arrays of any layout`, ["float32", dtype], async (context) => {
      const { x, values } = laidOut(context, "contiguous", [4, 6], "float32");
      const expected = groups(values, [4, 6], [0]).map(addAll);
      for (const layout of ["contiguous", "sliced", "reversed", "offset"] as const) {
        const out = laidOut(context, layout, [6], dtype);
        sum(x, { axis: 0, out: out.x });
        await expectArray(out.x, expected, dtype, [6]);
      }
    }),
  ),
];

export const reductionCases: readonly CaseDefinition[] = [...overAxes, ...typed, ...others];
