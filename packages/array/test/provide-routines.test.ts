import { describe, expect, test } from "@jest/globals";
import { createJsBackend } from "../src/backends/js/index.js";
import * as nx from "../src/index.js";

/** A provider that notes its calls and leaves the work to what was there. */
function noting(calls: string[], name: string): nx.RoutineProvider {
  return ({ routines: { matmul } }) => ({
    matmul(a, b, out, epilogue) {
      calls.push(name);
      if (matmul !== undefined) return matmul(a, b, out, epilogue);
      nx.copyto(out, nx.full(out.shape, 7, { device: out.device }));
      return true;
    },
  });
}

describe("provideRoutines", () => {
  const ones = (device: string): nx.NdArray => nx.ones([2, 2], { device });

  test("before a device is opened and after, the last one first", () => {
    const calls: string[] = [];
    nx.registerBackend("provided", () => ({ ...createJsBackend(), name: "provided" }));
    nx.provideRoutines("provided", noting(calls, "first"));
    expect(nx.matmul(ones("provided"), ones("provided")).tolistSync()).toEqual([
      [7, 7],
      [7, 7],
    ]);
    expect(calls).toEqual(["first"]);
    nx.provideRoutines("provided", noting(calls, "second"));
    nx.matmul(ones("provided"), ones("provided"));
    expect(calls).toEqual(["first", "second", "first"]);
  });

  test("again when the device is opened again, also where that takes waiting", async () => {
    const calls: string[] = [];
    nx.registerBackend("reopened", () => Promise.resolve({ ...createJsBackend(), name: "reopened" }));
    nx.provideRoutines("reopened", noting(calls, "own"));
    for (let i = 0; i < 2; i++) {
      await nx.openDevice("reopened");
      nx.matmul(ones("reopened"), ones("reopened"));
      nx.closeDevice("reopened");
    }
    expect(calls).toEqual(["own", "own"]);
  });

  test("leaves other devices alone", () => {
    nx.provideRoutines("elsewhere", () => {
      throw new Error("opened");
    });
    expect(nx.matmul(ones("js"), ones("js")).tolistSync()).toEqual([
      [2, 2],
      [2, 2],
    ]);
  });
});
