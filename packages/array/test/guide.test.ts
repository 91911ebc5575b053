/** The programs of docs/backends.md are the files in `guide/`, so that they are checked, and run here. */
import { expect, test } from "@jest/globals";
import { formatReport, runConformance } from "../src/conformance/index.js";
import "./guide/memory-only.js";
import "./guide/reference.js";

test.each(["memory-only", "reference"])("the backend %s passes the conformance suite", async (device) => {
  const report = await runConformance(device);
  expect(formatReport(report)).toMatch(new RegExp(`^${device}: \\d+ passed, 0 failed, 0 unsupported`));
  expect(report.hostKernels.length > 0).toBe(device === "memory-only");
});
