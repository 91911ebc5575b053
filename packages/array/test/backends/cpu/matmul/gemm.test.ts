import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { fc } from "../../../../../../testing/property.js";
import { gemm, type GemmDtype, type GemmProblem } from "../../../../src/backends/cpu/matmul/gemm.js";
import { CpuRuntime } from "../../../../src/backends/cpu/runtime.js";
import { shareAll } from "../../../../src/backends/cpu/threads/sharing.js";
import { ValueError } from "../../../../src/errors.js";

const single = new CpuRuntime({ threads: 1 });
const double = new CpuRuntime({ threads: 2, sharing: shareAll });
beforeAll(() => double.ready());
afterAll(() => double.close());

// A test's globals are looked up slowly; the reference uses these in its inner loop.
const { abs, imul, max, min } = Math;

/** A repeatable stream of numbers in (-1, 1). */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

type Layout = "rows" | "columns" | "strided";

/** What to compute; `layout`s say how A and B lie in memory. */
interface Case {
  dtype: GemmDtype;
  m: number;
  n: number;
  k: number;
  aLayout: Layout;
  bLayout: Layout;
  batch: number;
  /** Whether all matrices of a batch share one A (B). */
  aShared: boolean;
  bShared: boolean;
  /** Unused elements after each row of C. */
  cGap: number;
  bias: boolean;
  relu: boolean;
  accumulate: boolean;
}

const PLAIN: Case = {
  dtype: "float32",
  m: 1,
  n: 1,
  k: 1,
  aLayout: "rows",
  bLayout: "rows",
  batch: 1,
  aShared: false,
  bShared: false,
  cGap: 0,
  bias: false,
  relu: false,
  accumulate: false,
};

const ARRAYS = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint32: Uint32Array } as const;

/** Strides of a rows × columns matrix and the number of elements it spans. */
function strides(layout: Layout, rows: number, columns: number): { row: number; column: number; span: number } {
  if (layout === "rows") return { row: columns, column: 1, span: rows * columns };
  if (layout === "columns") return { row: 1, column: rows, span: rows * columns };
  return { row: 3 * columns + 1, column: 3, span: rows * (3 * columns + 1) };
}

const GUARD = -77;

/** Values of an operand, given its length. */
type Fill = (length: number, operand: "a" | "b" | "c" | "bias") => number[];

/** Runs a case on a runtime; returns C with its gaps and a guard behind it. */
function compute(runtime: CpuRuntime, c: Case, fill: Fill): number[] {
  const { dtype, m, n, k, batch } = c;
  const bytes = ARRAYS[dtype].BYTES_PER_ELEMENT;
  const { memory } = runtime;
  const place = (values: number[]): number => {
    const pointer = memory.allocate(values.length * bytes);
    new ARRAYS[dtype](memory.memory.buffer, pointer, values.length).set(values);
    return pointer;
  };
  const [a, b] = [strides(c.aLayout, m, k), strides(c.bLayout, k, n)];
  const cRow = n + c.cGap;
  const cLength = batch * m * cRow + 9;
  const pointers = {
    a: place(fill(a.span * (c.aShared ? 1 : batch), "a")),
    b: place(fill(b.span * (c.bShared ? 1 : batch), "b")),
    c: place(fill(cLength, "c")),
    bias: c.bias ? place(fill(n, "bias")) : 0,
  };
  gemm(runtime, {
    dtype,
    m,
    n,
    k,
    a: pointers.a,
    aRowStride: a.row,
    aColStride: a.column,
    aBatchStride: c.aShared ? 0 : a.span,
    b: pointers.b,
    bRowStride: b.row,
    bColStride: b.column,
    bBatchStride: c.bShared ? 0 : b.span,
    c: pointers.c,
    cRowStride: cRow,
    cBatchStride: m * cRow,
    batch,
    bias: pointers.bias,
    activation: c.relu ? "relu" : "none",
    accumulate: c.accumulate,
  });
  const result = Array.from(new ARRAYS[dtype](memory.memory.buffer, pointers.c, cLength));
  for (const pointer of Object.values(pointers)) if (pointer !== 0) memory.free(pointer);
  return result;
}

/** The same in float64 (or exact integers), straight from the definition. `scales` holds the sums of magnitudes. */
function reference(c: Case, fill: Fill): { values: number[]; scales: number[] } {
  const { m, n, k, batch } = c;
  const [a, b] = [strides(c.aLayout, m, k), strides(c.bLayout, k, n)];
  const av = Float64Array.from(fill(a.span * (c.aShared ? 1 : batch), "a"));
  const bv = Float64Array.from(fill(b.span * (c.bShared ? 1 : batch), "b"));
  const cRow = n + c.cGap;
  const values = fill(batch * m * cRow + 9, "c");
  const scales = values.map(() => 0);
  const bias = c.bias ? fill(n, "bias") : [];
  const integer = c.dtype === "int32" || c.dtype === "uint32";
  for (let t = 0; t < batch; t++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        const at = (t * m + i) * cRow + j;
        const [old, added] = [c.accumulate ? (values[at] ?? 0) : 0, bias[j] ?? 0];
        const products = new Float64Array(k);
        const [aFirst, bFirst] = [
          (c.aShared ? 0 : t * a.span) + i * a.row,
          (c.bShared ? 0 : t * b.span) + j * b.column,
        ];
        for (let l = 0; l < k; l++) {
          const [x, y] = [av[aFirst + l * a.column] ?? 0, bv[bFirst + l * b.row] ?? 0];
          products[l] = integer ? imul(x, y) : x * y;
        }
        let sum = integer ? (old + added) | 0 : old + added;
        let scale = abs(old) + abs(added);
        for (const product of products) {
          sum = integer ? (sum + product) | 0 : sum + product;
          scale += abs(product);
        }
        if (c.dtype === "uint32") sum >>>= 0;
        else if (c.relu) sum = max(sum, 0);
        values[at] = sum;
        scales[at] = scale;
      }
    }
  }
  return { values, scales };
}

/** Operands of a case: repeatable numbers, rounded to the type; C is a guard value where nothing is accumulated. */
function filler(c: Case, seed: number): Fill {
  return (length, operand) => {
    const next = numbers(seed + operand.length * 1000 + operand.charCodeAt(0));
    const array = new ARRAYS[c.dtype](length);
    const integer = c.dtype === "int32" || c.dtype === "uint32";
    for (let i = 0; i < length; i++) array[i] = integer ? next() * 2 ** 31 : next();
    if (operand === "c" && !c.accumulate) array.fill(GUARD);
    return Array.from(array);
  };
}

function expectRight(c: Case, seed = 1): void {
  const fill = filler(c, seed);
  const got = compute(single, c, fill);
  const { values, scales } = reference(c, fill);
  // Rounding errors of a sum of k products are at most about k · ε times the sum of magnitudes; blocks make it far less.
  const epsilon = { float32: 2 ** -24, float64: 2 ** -53, int32: 0, uint32: 0 }[c.dtype];
  const tolerance = epsilon * (8 + 2 * min(c.k, 64));
  const wrong = values.findIndex((value, at) => !(abs((got[at] ?? NaN) - value) <= tolerance * (scales[at] ?? 0)));
  if (wrong >= 0)
    expect({ case: c, at: wrong, value: got[wrong] }).toEqual({ case: c, at: wrong, value: values[wrong] });
  // Two threads, the same bits.
  expect(compute(double, c, fill)).toEqual(got);
}

const layout = fc.constantFrom<Layout>("rows", "columns", "strided");
const flags = {
  aShared: fc.boolean(),
  bShared: fc.boolean(),
  cGap: fc.constantFrom(0, 0, 5),
  bias: fc.boolean(),
  relu: fc.boolean(),
  accumulate: fc.boolean(),
};
const dtypes: GemmDtype[] = ["float32", "float64", "int32", "uint32"];

describe.each(dtypes)("%s", (dtype) => {
  const extent = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constantFrom(1, 16, 17, 31, 37, 64, 101));

  test("random shapes, layouts, batches and epilogues", () => {
    const cases = fc.record({
      ...flags,
      dtype: fc.constant(dtype),
      m: extent,
      n: extent,
      k: extent,
      aLayout: layout,
      bLayout: layout,
      batch: fc.constantFrom(1, 1, 1, 2, 3, 0),
    });
    fc.assert(
      fc.property(cases, fc.nat(), (c, seed) => expectRight(c, seed)),
      { numRuns: 300 },
    );
  });

  test.each<[m: number, n: number, k: number]>([
    [1, 1, 3000],
    [1, 397, 150],
    [397, 1, 150],
    [5, 7, 2000],
    [69, 35, 530],
    [37, 67, 130],
    [67, 150, 1],
    [50, 10, 300],
    [7, 601, 40],
  ])("%d × %d × %d in every layout", (m, n, k) => {
    for (const aLayout of ["rows", "columns", "strided"] as const) {
      for (const bLayout of ["rows", "columns", "strided"] as const) {
        expectRight({ ...PLAIN, dtype, m, n, k, aLayout, bLayout, bias: true, accumulate: true });
      }
    }
  });
});

describe("sizes beyond what is packed at a time", () => {
  test.each<[m: number, n: number, k: number, batch: number]>([
    [2100, 20, 40, 1],
    [20, 2100, 40, 1],
    [36, 36, 15_000, 1],
    [60, 70, 200, 41],
  ])("%d × %d × %d, batch %d", (m, n, k, batch) => {
    expectRight({ ...PLAIN, m, n, k, batch, aLayout: "columns", bLayout: "columns", bias: true, relu: true });
  });
});

describe("NaN and infinity", () => {
  test.each<[m: number, n: number, k: number, bLayout: Layout]>([
    [3, 5, 4, "rows"],
    [3, 5, 4, "columns"],
    [1, 40, 9, "rows"],
    [50, 50, 50, "rows"],
    [50, 50, 50, "columns"],
  ])("stay in their row and column: %d × %d × %d, B by %s", (m, n, k, bLayout) => {
    const c: Case = { ...PLAIN, m, n, k, bLayout };
    for (const [special, other] of [
      [NaN, 1],
      [Infinity, 0],
      [Infinity, 2],
      [-Infinity, 2],
    ] as const) {
      const fill: Fill = (length, operand) => {
        const values = Array.from({ length }, (): number => (operand === "c" ? GUARD : 1));
        if (operand === "a") values[(m - 1) * k + (k - 1)] = special; // the last element of A
        if (operand === "b") for (let i = 0; i < length; i++) values[i] = other;
        return values;
      };
      const got = compute(single, c, fill);
      expect(got).toEqual(reference(c, fill).values);
      expect(got.slice(m * n)).toEqual(Array.from({ length: 9 }, () => GUARD));
    }
  });

  test("ReLU keeps NaN and drops -Infinity", () => {
    const c: Case = { ...PLAIN, m: 1, n: 4, k: 1, relu: true };
    const fill = (_: number, operand: string) => (operand === "a" ? [1] : [NaN, -Infinity, Infinity, -0]);
    expect(compute(single, c, (length, operand) => fill(length, operand).slice(0, length)).slice(0, 4)).toEqual([
      NaN,
      0,
      Infinity,
      0,
    ]);
  });
});

test("an element is the same wherever it lies in C", () => {
  // All rows of A and all columns of B are alike, so all of C must be, to the bit.
  for (const [m, n, k] of [
    [131, 77, 1000],
    [7, 13, 999],
    [1, 45, 301],
    [2, 3, 5],
    [7, 601, 299],
  ] as const) {
    for (const bLayout of ["rows", "columns"] as const) {
      const line = Array.from({ length: k }, numbers(k));
      const fill: Fill = (length, operand) => {
        if (operand === "c") return Array.from({ length }, () => 0);
        const byRow = operand === "b" && bLayout === "rows";
        return Array.from({ length }, (_, i) => Math.fround(line[byRow ? Math.floor(i / n) : i % k] ?? 0));
      };
      const got = compute(single, { ...PLAIN, m, n, k, bLayout }, fill).slice(0, m * n);
      expect(new Set(got).size).toBe(1);
    }
  }
});

test("k = 0 gives the bias, or leaves what is accumulated", () => {
  const fill: Fill = (length, operand) => Array.from({ length }, (_, i) => (operand === "c" ? 5 : -1 - i));
  const c: Case = { ...PLAIN, m: 30, n: 30, k: 0, bias: true };
  expect(compute(single, c, fill).slice(30, 60)).toEqual(Array.from({ length: 30 }, (_, i) => -1 - i));
  expect(compute(single, { ...c, bias: false }, fill).slice(0, 900)).toEqual(Array.from({ length: 900 }, () => 0));
  expect(compute(single, { ...c, bias: false, accumulate: true }, fill)[7]).toBe(5);
});

test("packed operands are kept: a steady loop allocates nothing", () => {
  const c: Case = { ...PLAIN, m: 200, n: 200, k: 200 };
  compute(single, c, filler(c, 1));
  const before = single.memory.statistics();
  for (let i = 0; i < 10; i++) compute(single, c, filler(c, i));
  const after = single.memory.statistics();
  expect([after.liveBytes, after.liveBlocks]).toEqual([before.liveBytes, before.liveBlocks]);
});

test("sizes that are no sizes", () => {
  const sizes = { m: 1, n: 1, k: 1 };
  const unit = { aRowStride: 1, aColStride: 1, bRowStride: 1, bColStride: 1, cRowStride: 1 };
  const problem: GemmProblem = { dtype: "float32", ...sizes, ...unit, a: 1024, b: 1024, c: 1024 };
  for (const wrong of [{ m: -1 }, { n: 0.5 }, { k: NaN }, { batch: -2 }]) {
    expect(() => gemm(single, { ...problem, ...wrong })).toThrow(ValueError);
  }
});
