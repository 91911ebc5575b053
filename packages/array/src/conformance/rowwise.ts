/** Row-wise kernels. */
import type { DType } from "../dtype.js";
import * as k from "../kernel/ops.js";
import { rowwise } from "../kernel/rowwise.js";
import { expectArray } from "./compare.js";
import { define, type CaseDefinition } from "./context.js";
import { laidOut, layouts } from "./layouts.js";

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

export const rowwiseCases: readonly CaseDefinition[] = [
  ...overLayouts,
  byAxis,
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
