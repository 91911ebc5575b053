import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as nx from "@chain/array";
import { conformanceCases } from "@chain/array/conformance";
import { fc } from "../../../../testing/property.js";
import { blas, oneDnn } from "../../src/index.js";
import type { Gemm, GemmLibraries, GemmLibrary } from "../../src/products/gemm.js";
import { libraryMatmul } from "../../src/products/matmul.js";

/** What there is to compute with, alone and together. */
const installed: readonly (readonly [string, GemmLibraries])[] = [
  ...(blas === null ? [] : [["BLAS", { blas, oneDnn: null }] as const]),
  ...(oneDnn === null ? [] : [["oneDNN", { blas: null, oneDnn }] as const]),
  ...(blas === null || oneDnn === null ? [] : [["BLAS and oneDNN", { blas, oneDnn }] as const]),
];
const describeWith = installed.length === 0 ? describe.skip : describe;
if (blas === null) console.warn("TESTS OF PRODUCTS BY BLAS ARE SKIPPED: no library was found");
if (oneDnn === null) console.warn("TESTS OF PRODUCTS BY ONEDNN ARE SKIPPED: no library was found");

/** A matrix laid out in one of the ways that views come in. */
type Layout = "rows" | "columns" | "padded" | "strided" | "reversed" | "broadcast";
const layouts: readonly Layout[] = ["rows", "columns", "padded", "strided", "reversed", "broadcast"];

function matrix(batch: readonly number[], rows: number, columns: number, layout: Layout, dtype: nx.DType): nx.NdArray {
  const make = (...shape: number[]): nx.NdArray => nx.random.uniform(-1, 1, [...batch, ...shape]).astype(dtype);
  const all = nx.ellipsis;
  switch (layout) {
    case "rows":
      return make(rows, columns);
    case "columns":
      return nx.swapaxes(make(columns, rows), -1, -2);
    case "padded":
      return make(rows + 1, columns + 3).get(all, nx.slice(1, rows + 1), nx.slice(2, columns + 2));
    case "strided":
      return make(rows * 2, columns * 2).get(all, nx.slice(null, null, 2), nx.slice(null, null, 2));
    case "reversed":
      return make(rows, columns).get(all, nx.slice(null, null, -1), nx.slice(null, null, -1));
    case "broadcast":
      return nx.broadcastTo(make(1, columns), [...batch, rows, columns]);
  }
}

/** Products in float64, element by element. */
function expected(a: nx.NdArray, b: nx.NdArray): number[] {
  const [m, k, n] = [a.shape.at(-2), a.shape.at(-1), b.shape.at(-1)] as [number, number, number];
  const batch = nx.broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const [left, right] = [
    nx.broadcastTo(a, [...batch, m, k]).dataSync(),
    nx.broadcastTo(b, [...batch, k, n]).dataSync(),
  ];
  const count = batch.reduce((product, length) => product * length, 1);
  return Array.from({ length: count * m * n }, (_, at) => {
    const [row, column] = [Math.floor(at / n), at % n];
    const start = Math.floor(row / m) * k * n;
    let sum = 0;
    for (let i = 0; i < k; i++) sum += (left[row * k + i] as number) * (right[start + i * n + column] as number);
    return sum;
  });
}

function expectClose(actual: nx.NdArray, wanted: readonly number[], tolerance: number): void {
  const values = Array.from(actual.dataSync());
  expect(values).toHaveLength(wanted.length);
  values.forEach((value, i) => expect(Math.abs(value - (wanted[i] as number))).toBeLessThanOrEqual(tolerance));
}

describeWith.each(installed)("matrix products by %s", (_, libraries) => {
  const backend = nx.getBackend("cpu");
  const { routines } = backend;
  beforeAll(() => {
    if (routines.matmul === undefined) throw new Error("the cpu multiplies matrices");
    backend.routines = { ...routines, matmul: libraryMatmul(libraries, routines.matmul) };
  });
  afterAll(() => void (backend.routines = routines));

  // Up to beyond what the device computes itself.
  const size = fc.integer({ min: 1, max: 35 });
  const batches = fc.constantFrom(
    { a: [], b: [] },
    { a: [3], b: [3] },
    { a: [3], b: [] },
    { a: [], b: [2] },
    { a: [2, 1], b: [1, 3] },
  );

  test("equal products in float64, whatever the layouts, shapes and batches", () => {
    fc.assert(
      fc.property(
        fc.tuple(size, size, size),
        fc.constantFrom(...layouts),
        fc.constantFrom(...layouts),
        batches,
        fc.constantFrom<nx.DType>("float32", "float64", "float16", "int32"),
        ([m, k, n], left, right, batch, dtype) => {
          nx.scope(() => {
            const a = matrix(batch.a, m, k, left, dtype);
            const b = matrix(batch.b, k, n, right, dtype);
            const tolerance = { float64: 1e-12, float16: 2e-2, int32: 0 }[dtype as string] ?? 1e-5;
            expectClose(nx.matmul(a, b), expected(a, b), tolerance);
          });
        },
      ),
      { numRuns: 200 },
    );
  });

  test.each([
    [1, 300, 700, "rows"],
    [40, 520, 600, "columns"],
    [130, 130, 130, "rows"],
    [300, 20, 260, "padded"],
  ] as const)("and so do those that take threads: %d×%d×%d, %s", (m, k, n, layout) => {
    nx.scope(() => {
      const [a, b] = [matrix([], m, k, layout, "float32"), matrix([], k, n, layout, "float32")];
      expectClose(nx.matmul(a, b), expected(a, b), 1e-4);
    });
  });

  test.each([
    { bias: false, activation: "none", accumulate: true },
    { bias: true, activation: "none", accumulate: false },
    { bias: true, activation: "relu", accumulate: true },
    { bias: false, activation: "relu", accumulate: false },
  ] as const)("with %o", ({ bias, activation, accumulate }) => {
    nx.scope(() => {
      const [a, b] = [matrix([], 5, 7, "rows", "float32"), matrix([], 7, 6, "columns", "float32")];
      const [c, out] = [nx.random.uniform(-1, 1, [6]), nx.random.uniform(-1, 1, [5, 6])];
      const [was, added] = [out.dataSync(), c.dataSync()];
      const wanted = expected(a, b).map((product, i) => {
        const sum = product + (accumulate ? (was[i] as number) : 0) + (bias ? (added[i % 6] as number) : 0);
        return activation === "relu" ? Math.max(sum, 0) : sum;
      });
      nx.matmulInto(a, b, { bias: bias ? c : null, activation, accumulate, out });
      expectClose(out, wanted, 1e-5);
    });
  });

  test("NaN and Inf come through, and what the result held before does not", () => {
    const a = nx.array([
      [NaN, 1],
      [Infinity, 0],
    ]);
    const out = nx.full([2, 2], NaN);
    nx.matmulInto(
      a,
      nx.array(
        [
          [1, 0],
          [0, 1],
        ],
        { dtype: "float32" },
      ),
      { out },
    );
    expect(Array.from(out.dataSync())).toEqual([NaN, NaN, Infinity, NaN]);
  });
});

describeWith("the cpu with these libraries is a complete backend", () => {
  const cases = conformanceCases("cpu").filter(({ name }) => /matmul|product|memory/i.test(name));
  test("there are cases", () => expect(cases.length).toBeGreaterThan(5));
  test.each(cases)("$name", async ({ run }) => void (await run()));
});

describe("who computes a product", () => {
  const epilogue = { bias: null, activation: "none", accumulate: false } as const;
  let calls: string[] = [];

  function library(name: string, float64: boolean): GemmLibrary {
    const gemm =
      (type: string): Gemm =>
      (_, transA, transB, m, n, k) =>
        void calls.push(`${name} ${type} ${transA} ${transB} ${m} ${n} ${k}`);
    const useThreads = (count: number): void => void calls.push(`${name} threads ${count}`);
    return { threads: 2, useThreads, sgemm: gemm("sgemm"), dgemm: float64 ? gemm("dgemm") : null };
  }
  const [blasOnly, oneDnnOnly, both] = [
    { blas: library("blas", true), oneDnn: null },
    { blas: null, oneDnn: library("oneDnn", false) },
    { blas: library("blas", true), oneDnn: library("oneDnn", false) },
  ];

  function chosen(libraries: GemmLibraries, a: nx.NdArray, b: nx.NdArray): string[] {
    calls = [];
    const shape = [...nx.broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)), a.shape.at(-2), b.shape.at(-1)];
    const out = nx.zeros(shape as number[], { dtype: a.dtype });
    libraryMatmul(libraries, () => calls.push("own") > 0)(a, b, out, epilogue);
    return calls;
  }

  test("a library, which is told of transposes", () => {
    const product = [nx.zeros([50, 30]), nx.zeros([40, 30]).T] as const;
    expect(chosen(blasOnly, ...product)).toEqual(["blas threads 1", "blas sgemm 111 112 50 40 30"]);
    expect(chosen(oneDnnOnly, ...product)).toEqual(["oneDnn threads 1", "oneDnn sgemm 111 112 50 40 30"]);
    const doubles = [nx.zeros([30, 50], { dtype: "float64" }).T, nx.zeros([30, 40], { dtype: "float64" })] as const;
    expect(chosen(both, ...doubles)).toEqual(["blas threads 1", "blas dgemm 112 111 50 40 30"]);
    expect(chosen(oneDnnOnly, ...doubles)).toEqual(["own"]);
  });

  test("it is called once for a batch that shares a matrix, else once for each", () => {
    const shared = nx.broadcastTo(nx.zeros([30, 40]), [6, 30, 40]);
    expect(chosen(blasOnly, nx.zeros([6, 50, 30]), shared)).toEqual(["blas threads 1", "blas sgemm 111 111 300 40 30"]);
    expect(chosen(blasOnly, nx.zeros([2, 50, 30]), nx.zeros([2, 30, 40]))).toHaveLength(1 + 2);
  });

  test.each([blasOnly, oneDnnOnly, both])("the device itself for what libraries cannot be told of", (libraries) => {
    const everySecond = nx.zeros([50, 60]).get(nx.ellipsis, nx.slice(null, null, 2));
    expect(chosen(libraries, everySecond, nx.zeros([30, 40]))).toEqual(["own"]);
    expect(chosen(libraries, nx.broadcastTo(nx.zeros([1, 30]), [50, 30]), nx.zeros([30, 40]))).toEqual(["own"]);
    const integers = [nx.zeros([50, 30], { dtype: "int32" }), nx.zeros([30, 40], { dtype: "int32" })] as const;
    expect(chosen(libraries, ...integers)).toEqual(["own"]);
  });

  test.each([blasOnly, oneDnnOnly, both])("the device itself where a call costs more than the product", (libraries) => {
    expect(chosen(libraries, nx.zeros([16, 16]), nx.zeros([16, 16]))).toEqual(["own"]);
  });

  test("one row is the device's, or oneDNN's", () => {
    const row = [nx.zeros([1, 650]), nx.zeros([650, 2600])] as const;
    expect(chosen(blasOnly, ...row)).toEqual(["own"]);
    expect(chosen(both, ...row)).toEqual(["oneDnn threads 2", "oneDnn sgemm 111 111 1 2600 650"]);
  });

  test("a batch of rows by the same matrix is one product", () => {
    const shared = nx.broadcastTo(nx.zeros([650, 2600]), [20, 650, 2600]);
    expect(chosen(blasOnly, nx.zeros([20, 1, 650]), shared)).toEqual([
      "blas threads 2",
      "blas sgemm 111 111 20 2600 650",
    ]);
  });

  test("of both, the one that is faster", () => {
    expect(chosen(both, nx.zeros([32, 32]), nx.zeros([32, 32]))[0]).toBe("blas threads 1");
    expect(chosen(both, nx.zeros([64, 1024]), nx.zeros([1024, 1024]).T)[0]).toBe("blas threads 2");
    expect(chosen(both, nx.zeros([64, 1024]), nx.zeros([1024, 1024]))[0]).toBe("oneDnn threads 2");
    expect(chosen(both, nx.zeros([20, 1024]), nx.zeros([1024, 1024]).T)[0]).toBe("blas threads 2");
    expect(chosen(both, nx.zeros([20, 650]), nx.zeros([2600, 650]).T)[0]).toBe("oneDnn threads 2");
    expect(chosen(both, nx.zeros([48, 650]), nx.zeros([2600, 650]).T)[0]).toBe("blas threads 2");
    expect(chosen(both, nx.zeros([256, 256]), nx.zeros([256, 256]))[0]).toBe("oneDnn threads 2");
  });

  test("one thread where a second gains nothing", () => {
    expect(chosen(blasOnly, nx.zeros([20, 200]), nx.zeros([200, 800]))[0]).toBe("blas threads 1");
    expect(chosen(blasOnly, nx.zeros([650, 20]), nx.zeros([20, 2600]))[0]).toBe("blas threads 1");
    expect(chosen(blasOnly, nx.zeros([20, 650]), nx.zeros([650, 2600]))[0]).toBe("blas threads 2");
    expect(chosen(blasOnly, nx.zeros([256, 256]), nx.zeros([256, 256]))[0]).toBe("blas threads 2");
    expect(chosen(both, nx.zeros([20, 200]), nx.zeros([200, 800]))[0]).toBe("oneDnn threads 1");
  });
});
