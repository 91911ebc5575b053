import { afterEach, describe, expect, test } from "@jest/globals";
import { runInThisContext } from "node:vm";
import { loadOneDnn } from "../../src/onednn/load.js";

// Jest gives tests a copy of the environment; libraries look at the real one.
process.env = (runInThisContext("process") as NodeJS.Process).env;

afterEach(() => void delete process.env["CHAIN_ONEDNN"]);

describe("loadOneDnn", () => {
  test("says what could not be loaded when a file is asked for", () => {
    process.env["CHAIN_ONEDNN"] = "/no/such/libdnnl.so";
    expect(loadOneDnn()).toMatch(/^CHAIN_ONEDNN=\/no\/such\/libdnnl\.so: .*no such/i);
  });

  test("refuses a library that is something else", () => {
    if (process.platform !== "linux") return;
    process.env["CHAIN_ONEDNN"] = "libc.so.6";
    expect(loadOneDnn()).toMatch(/^CHAIN_ONEDNN=libc\.so\.6: .*dnnl_version/);
  });

  test("can be switched off", () => {
    process.env["CHAIN_ONEDNN"] = "off";
    expect(loadOneDnn()).toBe("switched off by CHAIN_ONEDNN=off");
  });

  test("leaves the environment as it was", () => {
    const before = { ...process.env };
    loadOneDnn();
    expect({ ...process.env }).toEqual(before);
  });
});
