import { describe, expect, test } from "@jest/globals";
import koffi from "koffi";
import { readFileSync } from "node:fs";
import { findLibrary, loadWith } from "../src/shared-library.js";

describe("loadWith", () => {
  const onLinux = process.platform === "linux" ? test : test.skip;

  onLinux("keeps a library in the process, whose threads may still run in it", () => {
    // A part of the C library that nobody here uses.
    const file = "libanl.so.1";
    const isLoaded = (): boolean => readFileSync("/proc/self/maps", "utf8").includes("libanl");
    koffi.load(file).unload();
    expect(isLoaded()).toBe(false);
    loadWith({}, file).unload();
    expect(isLoaded()).toBe(true);
  });
});

describe("findLibrary", () => {
  const search = { variable: "CHAIN_NO_SUCH_VARIABLE", files: ["a", "b"], advice: "install it" };
  const refuse = (file: string): never => {
    throw new Error(`no ${file}`);
  };

  test("takes the first that can be opened", () => {
    expect(findLibrary(search, (file) => (file === "a" ? refuse(file) : { file }))).toEqual({ file: "b" });
  });

  test("says what was tried, and what to do", () => {
    expect(findLibrary(search, refuse)).toBe("none of a, b could be loaded; install it");
    expect(findLibrary({ ...search, advice: null }, refuse)).toBe("none of a, b could be loaded");
    expect(findLibrary({ ...search, files: [], advice: null }, refuse)).toBe(`none is known for ${process.platform}`);
  });
});
