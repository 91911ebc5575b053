import { afterEach, describe, expect, test } from "@jest/globals";
import { runInThisContext } from "node:vm";
import { loadBlas } from "../../src/blas/library.js";

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
