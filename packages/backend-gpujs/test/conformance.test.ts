import { registerBackend } from "@chain/array/backend";
import { formatReport, runConformance } from "@chain/array/conformance";
import { expect, test } from "@jest/globals";
import { createGpuJsBackend } from "../src/index.js";

test.each(["webasm", "cpu"] as const)("the conformance suite on gpu.js in Node, %s", async (mode) => {
  registerBackend(mode, () => createGpuJsBackend({ name: mode, mode }));
  const report = await runConformance(mode);
  console.log(formatReport(report));
  expect(report.failed).toEqual([]);
  expect(new Set(report.unsupported.map(({ reason }) => reason))).toEqual(new Set(["no arrays of float64"]));
  expect(report.passed.length).toBeGreaterThan(500);
});
