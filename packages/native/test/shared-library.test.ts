import { describe, expect, test } from "@jest/globals";
import koffi from "koffi";
import { readFileSync } from "node:fs";
import { findLibrary, loadLibrary, MissingLibraryError } from "../src/shared-library.js";

describe("loadLibrary", () => {
  const onLinux = process.platform === "linux" ? test : test.skip;

  onLinux("keeps a library in the process, whose threads may still run in it", () => {
    // A part of the C library that nobody here uses.
    const file = "libanl.so.1";
    const isLoaded = (): boolean => readFileSync("/proc/self/maps", "utf8").includes("libanl");
    koffi.load(file).unload();
    expect(isLoaded()).toBe(false);
    loadLibrary(file).unload();
    expect(isLoaded()).toBe(true);
  });

  test("tells a file that is not there from one that is no library", () => {
    expect(() => loadLibrary("libnosuch.so.1")).toThrow(MissingLibraryError);
    const open = (): unknown => loadLibrary(import.meta.filename);
    expect(open).toThrow(import.meta.filename);
    if (process.platform === "linux") expect(open).not.toThrow(MissingLibraryError);
  });
});

describe("findLibrary", () => {
  const search = {
    variable: "CHAIN_NO_SUCH_VARIABLE",
    files: ["a", "b"],
    advice: "install it",
    environment: { CHAIN_TEST: "1" },
  };
  const refuse = (file: string): never => {
    throw new MissingLibraryError(`no ${file}`);
  };

  test("takes the first that can be opened", () => {
    expect(findLibrary(search, (file) => (file === "a" ? refuse(file) : { file }))).toEqual({ file: "b" });
  });

  test("opens it with environment variables that are gone afterwards", () => {
    expect(findLibrary(search, () => process.env["CHAIN_TEST"])).toBe("1");
    expect(process.env["CHAIN_TEST"]).toBeUndefined();
  });

  test("says what was tried, and what to do", () => {
    expect(findLibrary(search, refuse)).toBe("there is no a, b; install it");
    expect(findLibrary({ ...search, advice: null }, refuse)).toBe("there is no a, b");
    expect(findLibrary({ ...search, files: [], advice: null }, refuse)).toBe(`none is known for ${process.platform}`);
  });

  test("says why one that is there cannot be used", () => {
    const open = (file: string): never => {
      if (file === "b") throw new Error("b is version 7, expected version 2 or 3");
      return refuse(file);
    };
    expect(findLibrary(search, open)).toBe("b is version 7, expected version 2 or 3; there is no a; install it");
  });

  test("tells whether a file was asked for", () => {
    const name = "CHAIN_TEST_LIBRARY";
    const open = (file: string, asked: boolean): object => ({ file, asked });
    expect(findLibrary({ ...search, variable: name }, open)).toEqual({ file: "a", asked: false });
    process.env[name] = "c";
    expect(findLibrary({ ...search, variable: name }, open)).toEqual({ file: "c", asked: true });
    delete process.env[name];
  });
});
