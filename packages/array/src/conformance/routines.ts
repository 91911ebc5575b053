/** Routines, and what is composed from kernels where a backend has none. */
import type { DType } from "../dtype.js";
import { composedMatmul, matmulInto, routineTypes } from "../linalg/matmul-into.js";
import { concatenate } from "../manipulation/concatenate.js";
import { NdArray } from "../ndarray.js";
import { scanBySteps, scanRows } from "../reductions/cumulative.js";
import { bitonicArgsort } from "../sorting/bitonic.js";
import { orderOfRows } from "../sorting/order.js";
import { expectArray } from "./compare.js";
import { define, type CaseDefinition, type Context } from "./context.js";
import { randomNumbers } from "./samples.js";

/** A matrix, or a stack of them, on the device and on the host. */
interface Matrices {
  readonly x: NdArray;
  readonly at: (batch: number, row: number, column: number) => number;
}

function matrices(
  { array }: Context,
  dtype: DType,
  batch: number,
  rows: number,
  columns: number,
  seed: number,
  transposed = false,
): Matrices {
  const integers = dtype !== "float32" && dtype !== "float64";
  const values = Float64Array.from(randomNumbers(batch * rows * columns, -4, 4, seed), (value) =>
    integers ? Math.abs(Math.round(value)) : Math.fround(value),
  );
  const [outer, inner] = transposed ? [columns, rows] : [rows, columns];
  const stored = array(values, dtype, [batch, outer, inner]);
  const x = transposed ? stored.view([batch, rows, columns], [rows * columns, 1, inner], 0) : stored;
  const at = (b: number, r: number, c: number): number =>
    values[b * rows * columns + (transposed ? c * inner + r : r * inner + c)] as number;
  return { x, at };
}

function productOf(
  a: Matrices,
  b: Matrices,
  [batch, m, kk, n]: readonly [number, number, number, number],
  shared = false,
): number[] {
  const result: number[] = [];
  const columns = new Float64Array(kk * n);
  for (let i = 0; i < batch; i++) {
    for (let p = 0; p < kk; p++) for (let c = 0; c < n; c++) columns[p * n + c] = b.at(shared ? 0 : i, p, c);
    for (let r = 0; r < m; r++) {
      const row = Float64Array.from({ length: kk }, (_, p) => a.at(i, r, p));
      for (let c = 0; c < n; c++) {
        let total = 0;
        for (let p = 0; p < kk; p++) total += (row[p] as number) * (columns[p * n + c] as number);
        result.push(total);
      }
    }
  }
  return result;
}

const sizes = [
  [1, 1, 1, 1],
  [1, 2, 3, 4],
  [1, 5, 7, 9],
  [1, 16, 16, 16],
  [1, 33, 65, 17],
  [1, 1, 100, 1],
  [1, 64, 1, 64],
  [3, 4, 8, 5],
] as const;
/** Beyond the tiles and blocks of tuned routines. */
const largeSize = [1, 130, 300, 70] as const;

const products: CaseDefinition[] = [
  ...(["float32", "float64", "float16", "int32", "uint32", "uint8"] as const).map((dtype) =>
    define(`matmul: ${dtype}, sizes and transposes`, [dtype], async (context) => {
      for (const size of routineTypes.includes(dtype) ? [...sizes, largeSize] : sizes) {
        const [batch, m, inner, n] = size;
        for (const [left, right] of [
          [false, false],
          [true, false],
          [false, true],
          [true, true],
        ] as const) {
          const a = matrices(context, dtype, batch, m, inner, 1, left);
          const b = matrices(context, dtype, batch, inner, n, 2, right);
          const expected = productOf(a, b, size).map((value) => (dtype === "uint8" ? value & 255 : value));
          const absolute = dtype === "float64" ? 1e-11 : dtype === "float32" ? 1e-3 : 0;
          const tolerance = { absolute, ulps: dtype === "float16" ? 1 : 0 };
          await expectArray(matmulInto(a.x, b.x), expected, dtype, [batch, m, n], tolerance);
        }
      }
    }),
  ),
  define("matmul: bias, activation, adding to what is there", ["float32"], async (context) => {
    for (const [m, inner, n] of [
      [3, 4, 5],
      [40, 70, 33],
    ] as const) {
      const [a, b] = [matrices(context, "float32", 1, m, inner, 3), matrices(context, "float32", 1, inner, n, 4)];
      const plain = productOf(a, b, [1, m, inner, n]);
      const bias = randomNumbers(n, -3, 3, 5).map(Math.fround);
      const before = randomNumbers(m * n, -3, 3, 6).map(Math.fround);
      const options = { bias: context.array(bias), activation: "relu" } as const;
      const biased = plain.map((value, i) => value + (bias[i % n] as number));
      const [x, y] = [a.x.view([m, inner], [inner, 1], 0), b.x.view([inner, n], [n, 1], 0)];
      const relu = biased.map((value) => Math.max(value, 0));
      await expectArray(matmulInto(x, y, options), relu, "float32", [m, n], { absolute: 1e-3 });
      const out = context.array(before, "float32", [m, n]);
      matmulInto(x, y, { ...options, accumulate: true, out });
      const summed = biased.map((value, i) => Math.max(value + (before[i] as number), 0));
      await expectArray(out, summed, "float32", [m, n], { absolute: 1e-3 });
    }
  }),
  define("matmul: a result that is a view, or an operand", ["float32"], async (context) => {
    const [a, b] = [matrices(context, "float32", 1, 6, 6, 7), matrices(context, "float32", 1, 6, 6, 8)];
    const expected = productOf(a, b, [1, 6, 6, 6]);
    const [x, y] = [a.x.view([6, 6], [6, 1], 0), b.x.view([6, 6], [6, 1], 0)];
    const wide = context.array(new Float32Array(80), "float32", [80]);
    const out = wide.view([6, 6], [12, 2], 3);
    matmulInto(x, y, { out });
    await expectArray(out, expected, "float32", [6, 6], { absolute: 1e-3 });
    matmulInto(x, y, { out: x });
    await expectArray(x, expected, "float32", [6, 6], { absolute: 1e-3 });
  }),
  define("matmul: batches that broadcast, and empty axes", ["float32"], async (context) => {
    const [a, b] = [matrices(context, "float32", 4, 3, 5, 9), matrices(context, "float32", 1, 5, 2, 10)];
    const expected = productOf(a, b, [4, 3, 5, 2], true);
    await expectArray(matmulInto(a.x, b.x), expected, "float32", [4, 3, 2], { absolute: 1e-4 });
    const flat = b.x.view([5, 2], [2, 1], 0);
    await expectArray(matmulInto(a.x, flat), expected, "float32", [4, 3, 2], { absolute: 1e-4 });
    const [none, empty] = [context.array([], "float32", [3, 0]), context.array([], "float32", [0, 2])];
    await expectArray(matmulInto(none, empty), new Float32Array(6), "float32", [3, 2]);
    await expectArray(matmulInto(empty, context.array([1, 2], "float32", [2, 1])), [], "float32", [0, 1]);
  }),
  define("matmul: composed from kernels", ["float32"], async (context) => {
    const [a, b] = [matrices(context, "float32", 2, 7, 19, 11, true), matrices(context, "float32", 2, 19, 5, 12)];
    const out = context.array(new Float32Array(70), "float32", [2, 7, 5]);
    composedMatmul(a.x, b.x, out, { bias: null, activation: "none", accumulate: false });
    await expectArray(out, productOf(a, b, [2, 7, 19, 5]), "float32", [2, 7, 5], { absolute: 1e-4 });
  }),
];

function runningTotals(values: ArrayLike<number>, length: number, product: boolean): number[] {
  let total = 0;
  return Array.from(values, (value, i) => {
    total = i % length === 0 ? value : product ? total * value : total + value;
    return total;
  });
}

const scans: CaseDefinition[] = (["float32", "float64", "int32"] as const).map((dtype) =>
  define(`scan: running sums and products of ${dtype}`, [dtype], async ({ array }) => {
    for (const [rows, length] of [
      [1, 1],
      [3, 2],
      [4, 7],
      [2, 64],
      [3, 100],
      [1, 5000],
      [0, 3],
    ] as const) {
      const values = randomNumbers(rows * length, -2, 2, 13).map((v) =>
        dtype === "int32" ? Math.round(v) : Math.fround(v),
      );
      const x = array(values, dtype, [rows, length]);
      const sums = runningTotals(values, length, false);
      const absolute = dtype === "float32" ? 1e-3 : 1e-9;
      for (const scan of [scanRows, scanBySteps]) {
        await expectArray(scan(x, "sum"), sums, dtype, [rows, length], { absolute });
        const signs = array(
          values.map((v) => (v < 0 ? -1 : 1)),
          dtype,
          [rows, length],
        );
        const running = runningTotals(
          values.map((v) => (v < 0 ? -1 : 1)),
          length,
          true,
        );
        await expectArray(scan(signs, "prod"), running, dtype, [rows, length]);
      }
    }
  }),
);

function orderOf(values: readonly number[]): number[] {
  const rank = (x: number, y: number): number => {
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
    return x - y || 0;
  };
  return values
    .map((_, i) => i)
    .sort((i, j) => {
      const [x, y] = [values[i] as number, values[j] as number];
      return (x === y ? 0 : rank(x, y)) || i - j;
    });
}

const sorting: CaseDefinition[] = (["float32", "float64", "float16", "int32", "uint32", "uint8", "bool"] as const).map(
  (dtype) =>
    define(`argsort: stable order of ${dtype}`, [dtype, "int32"], async ({ array, backend }) => {
      for (const length of [1, 2, 3, 8, 17, 100, 1025]) {
        const floats = dtype.startsWith("float");
        const values = randomNumbers(3 * length, floats ? -9 : 0, 9, length).map((value, i) => {
          if (dtype === "bool") return Number(value > 4);
          if (!floats) return Math.floor(value) - (dtype === "int32" ? 4 : 0);
          return i % 11 === 0 ? NaN : i % 13 === 0 ? -Infinity : Math.round(value * 2) / 2;
        });
        const x = array(values, dtype, [3, length]);
        const expected = [0, 1, 2].flatMap((row) => orderOf(values.slice(row * length, (row + 1) * length)));
        await expectArray(orderOfRows(x), expected, "int32", [3, length]);
        const out = NdArray.allocate(backend, "int32", [3, length]);
        bitonicArgsort(x, out);
        await expectArray(out, expected, "int32", [3, length]);
      }
    }),
);

const rows: CaseDefinition[] = (["float32", "float64", "int32"] as const).map((dtype) =>
  define(
    `gather and scatterAdd routines of ${dtype}, if there are any`,
    [dtype, "int32"],
    async ({ array, backend }) => {
      const [count, width] = [5, 3];
      const values = Array.from({ length: count * width }, (_, i) => i + 1);
      const order = [4, 0, 4, 2, 0, 0, 3];
      const indices = array(order, "int32");
      const picked = order.flatMap((row) => values.slice(row * width, (row + 1) * width));
      if (backend.routines.gather !== undefined) {
        const out = NdArray.allocate(backend, dtype, [order.length, width]);
        backend.routines.gather(array(values, dtype, [count, width]), indices, out);
        await expectArray(out, picked, dtype, [order.length, width]);
      }
      if (backend.routines.scatterAdd !== undefined) {
        const out = array(values, dtype, [count, width]);
        backend.routines.scatterAdd(array(picked, dtype, [order.length, width]), indices, out);
        const expected = [...values];
        order.forEach((row, i) => {
          for (let c = 0; c < width; c++)
            expected[row * width + c] = (expected[row * width + c] as number) + (picked[i * width + c] as number);
        });
        await expectArray(out, expected, dtype, [count, width]);
      }
    },
  ),
);

const joins: CaseDefinition[] = (["float32", "float64", "float16", "int32", "uint8", "bool"] as const).map((dtype) =>
  define(`arrays of ${dtype} one after the other`, [dtype], async ({ array }) => {
    // Small ones, and more than a backend may move in one go.
    for (const lengths of [[1], [3, 0, 5, 1], [7, 2, 9, 4, 1, 30], [20_000, 1, 50_000]]) {
      const values = lengths.map((size, k) =>
        Array.from({ length: size }, (_, i) => (i + k) % (dtype === "bool" ? 2 : 100)),
      );
      const parts = values.map((part) => array(part, dtype, [part.length]));
      await expectArray(concatenate(parts), values.flat(), dtype, [values.flat().length]);
    }
    const matrix = array([0, 1, 0, 1, 1, 0], dtype, [3, 2]);
    const [column, lower] = [matrix.view([3], [2], 1), matrix.view([2, 2], [2, 1], 2)];
    await expectArray(concatenate([lower, matrix]), [0, 1, 1, 0, 0, 1, 0, 1, 1, 0], dtype, [5, 2]);
    await expectArray(concatenate([column, column]), [1, 1, 0, 1, 1, 0], dtype, [6]);
  }),
);

export const routineCases: readonly CaseDefinition[] = [...products, ...scans, ...sorting, ...rows, ...joins];
