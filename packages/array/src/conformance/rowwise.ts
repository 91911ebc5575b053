/** Row-wise kernels. */
import type { DType } from "../dtype.js";
import * as k from "../kernel/ops.js";
import { rowwise } from "../kernel/rowwise.js";
import type { Shape } from "../shape.js";
import { expectArray } from "./compare.js";
import { define, type CaseDefinition, type Context } from "./context.js";
import { laidOut, layouts, type Laid } from "./layouts.js";

const softmax = rowwise("conformance_softmax", (row, x) => {
  const e = k.exp(k.sub(x, row.max(x)));
  return k.div(e, row.sum(e));
});
const normalize = rowwise("conformance_normalize", { scalars: ["eps"] }, (row, x, gain, { eps }) => {
  const mean = row.mean(x);
  const centered = k.sub(x, mean);
  const variance = row.mean(k.square(centered));
  return [k.mul(gain, k.div(centered, k.sqrt(k.add(variance, eps)))), mean];
});
const pick = rowwise("conformance_pick", (row, x, at) => row.sum(k.where(k.eq(row.index, at), x, 0)));
const spread = rowwise("conformance_spread", (row, x) => k.sub(row.max(x), row.min(x)));
const scaled = rowwise("conformance_per_row", (row, x, factor) => k.mul(row.sum(x), row.value(factor)));
/** A result per element and one per row, in both orders. */
const shifted = [
  rowwise("conformance_shifted", (row, x, v) => [k.sub(x, v), k.add(row.sum(x), row.value(v))] as const),
  rowwise("conformance_shifted", (row, x, v) => [k.add(row.sum(x), row.value(v)), k.sub(x, v)] as const),
] as const;
const exchanged = rowwise("conformance_exchanged", (row, x, y) => [k.add(y, row.sum(x)), x] as const);
const equalPerRow = rowwise("conformance_equal_per_row", { scalars: ["named"] }, (row, x, number, { named }) =>
  row.sum(k.where(k.logicalAnd(k.eq(x, named), k.eq(x, number)), 1, 0)),
);

/** Rows of a matrix's elements. */
function rowsOf(values: readonly number[], length: number): number[][] {
  return Array.from({ length: values.length / length }, (_, i) => values.slice(i * length, (i + 1) * length));
}

function softmaxOf(row: readonly number[]): number[] {
  const largest = Math.max(...row);
  const e = row.map((value) => Math.exp(value - largest));
  const total = e.reduce((a, b) => a + b, 0);
  return e.map((value) => value / total);
}

const overLayouts: CaseDefinition[] = layouts.map((layout) =>
  define(`rowwise: ${layout}`, ["float32"], async (context) => {
    for (const [rows, length] of [
      [1, 1],
      [5, 3],
      [4, 16],
      [3, 33],
      [2, 1000],
      [0, 4],
    ] as const) {
      const { x, values } = laidOut(context, layout, [rows, length], "float32");
      const split = rowsOf(values, length);
      await expectArray(softmax(x), split.flatMap(softmaxOf), "float32", [rows, length], { ulps: 16, absolute: 1e-7 });
      const ranges = split.map((row) => Math.max(...row) - Math.min(...row));
      await expectArray(spread(x), ranges, "float32", [rows, 1]);
    }
  }),
);

const byAxis = define("rowwise: along any axis", ["float32"], async (context) => {
  const shape = [3, 4, 5];
  const { x, values } = laidOut(context, "contiguous", shape, "float32");
  for (const [axis, inner] of [20, 5, 1].entries()) {
    const length = shape[axis] as number;
    const expected = values.map((_, position) => {
      const place = Math.floor(position / inner) % length;
      const start = position - place * inner;
      return softmaxOf(Array.from({ length }, (__, i) => values[start + i * inner] as number))[place] as number;
    });
    await expectArray(softmax(x, { axis }), expected, "float32", shape, { ulps: 16, absolute: 1e-7 });
  }
});

function passes(dtype: DType, ulps: number): CaseDefinition {
  return define(`rowwise: several passes, results per element and per row, of ${dtype}`, [dtype], async (context) => {
    const { x, values } = laidOut(context, "contiguous", [6, 37], dtype);
    const gain = laidOut(context, "contiguous", [37], dtype, 1);
    const [result, means] = normalize(x, gain.x, { eps: 0.5 });
    const split = rowsOf(values, 37);
    const averages = split.map((row) => row.reduce((a, b) => a + b, 0) / 37);
    const expected = split.flatMap((row, r) => {
      const centered = row.map((value) => value - (averages[r] as number));
      const variance = centered.reduce((a, b) => a + b * b, 0) / 37;
      return centered.map((value, i) => ((gain.values[i] as number) * value) / Math.sqrt(variance + 0.5));
    });
    const absolute = dtype === "float64" ? 1e-12 : 2e-5;
    await expectArray(result, expected, dtype, [6, 37], { ulps, absolute });
    await expectArray(means, averages, dtype, [6, 1], { ulps });
  });
}

/** Into other arrays and into operands: `x`, or in rows of one element `v`, for the result per element, `v` for that per row. */
async function checkInPlace(context: Context, length: number, axis: 0 | 1): Promise<void> {
  const rows = 6;
  const shape = axis === 1 ? [rows, length] : [length, rows];
  const perRow = shape.with(axis, 1);
  const make = (of: Shape, seed: number): Laid => laidOut(context, "contiguous", of, "float32", seed);
  const rowOf = (i: number): number => (axis === 1 ? Math.floor(i / length) : i % rows);
  const addRows = (values: readonly number[], to: readonly number[]): number[] => {
    const sums = [...to];
    values.forEach((value, i) => ((sums[rowOf(i)] as number) += value));
    return sums;
  };
  for (const target of length === 1 ? ["y", "x", "v"] : ["y", "x"]) {
    for (const [order, kernel] of shifted.entries()) {
      const [x, v] = [make(shape, 0), make(perRow, 1)];
      const y = target === "y" ? make(shape, 2).x : target === "x" ? x.x : v.x;
      const w = target === "v" ? make(perRow, 2).x : v.x;
      kernel.into(order === 0 ? [y, w] : [w, y], x.x, v.x, { axis });
      const differences = x.values.map((value, i) => value - (v.values[rowOf(i)] as number));
      await expectArray(y, differences, "float32", shape);
      await expectArray(w, addRows(x.values, v.values), "float32", perRow);
    }
  }
  const [x, y] = [make(shape, 0), make(shape, 1)];
  exchanged.into([x.x, y.x], x.x, y.x, { axis });
  const sums = addRows(x.values, new Array<number>(rows).fill(0));
  const moved = y.values.map((value, i) => value + (sums[rowOf(i)] as number));
  await expectArray(x.x, moved, "float32", shape);
  await expectArray(y.x, x.values, "float32", shape);
}

export const rowwiseCases: readonly CaseDefinition[] = [
  ...overLayouts,
  byAxis,
  define("rowwise: in place, where a result per row is an input, too", ["float32"], async (context) => {
    for (const length of [1, 2, 5, 40, 700]) {
      await checkInPlace(context, length, 1);
      await checkInPlace(context, length, 0);
    }
  }),
  define("rowwise: numbers are rounded to float32", ["float32"], async ({ array }) => {
    const tenths = array([0.1, 0.2, 0.1, 0.1, 0.1, 0.3], "float32", [2, 3]);
    await expectArray(equalPerRow(tenths, 0.1, { named: 0.1 }), [2, 2], "float32", [2, 1]);
  }),
  passes("float32", 16),
  passes("float64", 16),
  passes("float16", 2),
  define("rowwise: one value per row, and the position in the row", ["float32", "int32"], async (context) => {
    const { x, values } = laidOut(context, "contiguous", [4, 9], "float32");
    const at = [0, 8, 3, 5];
    const chosen = at.map((column, row) => values[9 * row + column] as number);
    await expectArray(pick(x, context.array(at, "int32", [4, 1])), chosen, "float32", [4, 1]);
    const factors = [1, -1, 0.5, 2];
    const sums = rowsOf(values, 9).map((row, i) => row.reduce((a, b) => a + b, 0) * (factors[i] as number));
    await expectArray(scaled(x, context.array(factors, "float32", [4, 1])), sums, "float32", [4, 1]);
  }),
  define("rowwise: infinities and NaN", ["float32"], async ({ array }) => {
    const x = array([-Infinity, 0, 0, NaN, 1, 2, 1000, 1000, -1000], "float32", [3, 3]);
    await expectArray(softmax(x), [0, 0.5, 0.5, NaN, NaN, NaN, 0.5, 0.5, 0], "float32", [3, 3], { ulps: 4 });
  }),
];
