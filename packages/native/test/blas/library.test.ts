import { afterEach, describe, expect, test } from "@jest/globals";
import koffi from "koffi";
import { existsSync, readdirSync } from "node:fs";
import { runInThisContext } from "node:vm";
import { loadBlas, openBlas } from "../../src/blas/library.js";
import { NO_TRANSPOSE, ROW_MAJOR, TRANSPOSE, type Gemm } from "../../src/products/gemm.js";

// Jest gives tests a copy of the environment; libraries look at the real one.
process.env = (runInThisContext("process") as NodeJS.Process).env;

afterEach(() => void delete process.env["CHAIN_BLAS"]);

describe("loadBlas", () => {
  test("says what could not be loaded when a file is asked for", () => {
    process.env["CHAIN_BLAS"] = "/no/such/libblas.so";
    expect(loadBlas()).toMatch(/^CHAIN_BLAS=\/no\/such\/libblas\.so: .*no such/i);
  });

  test("refuses a library that is no BLAS", () => {
    if (process.platform !== "linux") return;
    process.env["CHAIN_BLAS"] = "libc.so.6";
    expect(loadBlas()).toMatch(/^CHAIN_BLAS=libc\.so\.6: .*cblas_sgemm/);
  });

  test("can be switched off", () => {
    process.env["CHAIN_BLAS"] = "off";
    expect(loadBlas()).toBe("switched off by CHAIN_BLAS=off");
  });

  test("leaves the environment as it was", () => {
    const before = { ...process.env };
    loadBlas();
    expect({ ...process.env }).toEqual(before);
  });
});

/** Where Debian's packages put their libraries, which can be there beside each other. */
const folder = `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`;

const installed = (existsSync(folder) ? readdirSync(folder) : [])
  .filter((name) => /^(openblas|blis|blas|mkl)/.test(name))
  .flatMap((name) => readdirSync(`${folder}/${name}`).map((file) => `${folder}/${name}/${file}`))
  .filter((file) => /lib(openblas|blis)(64)?\.so\.\d$|\/(blas|mkl)\/libblas\.so\.3$/.test(file));

if (installed.length === 0) console.warn("TESTS OF DEBIAN'S BLAS LIBRARIES ARE SKIPPED: there are none");
const eachInstalled = installed.length === 0 ? test.skip.each(["none"]) : test.each(installed);

/** A view of 7 × 9 · (11 × 9)ᵀ in wider rows, which says something about every argument. */
function product(gemm: Gemm, Type: typeof Float32Array | typeof Float64Array): [number[], number[]] {
  const [m, n, k, lda, ldb, ldc] = [7, 11, 9, 10, 12, 13];
  const values = (length: number, seed: number): number[] =>
    Array.from({ length }, (_, i) => ((i * 37 + seed) % 19) - 9);
  const [a, b, c] = [Type.from(values(m * lda, 1)), Type.from(values(n * ldb, 2)), Type.from(values(m * ldc, 3))];
  const wanted = Array.from(c);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += (a[i * lda + p] as number) * (b[j * ldb + p] as number);
      wanted[i * ldc + j] = 2 * sum + 3 * (c[i * ldc + j] as number);
    }
  }
  const [pa, pb, pc] = [a, b, c].map((x) => Number(koffi.address(x))) as [number, number, number];
  gemm(ROW_MAJOR, NO_TRANSPOSE, TRANSPOSE, m, n, k, 2, pa, lda, pb, ldb, 3, pc, ldc);
  return [Array.from(c), wanted];
}

describe("openBlas", () => {
  eachInstalled("%s multiplies, with one thread and with all", (file) => {
    const { sgemm, dgemm, useThreads, threads } = openBlas(file, true);
    for (const count of [1, threads]) {
      useThreads(count);
      for (const [actual, wanted] of [product(sgemm, Float32Array), product(dgemm, Float64Array)]) {
        expect(actual).toEqual(wanted);
      }
    }
  });

  eachInstalled("%s is taken unasked where it is fast", (file) => {
    if (file.includes("/blas/")) expect(() => openBlas(file, false)).toThrow(/none of OpenBLAS, MKL and BLIS/);
    else if (openBlas(file, true).core === "generic") expect(() => openBlas(file, false)).toThrow(/BLIS_ARCH_TYPE/);
    else expect(openBlas(file, false).file).toBe(file);
  });
});
