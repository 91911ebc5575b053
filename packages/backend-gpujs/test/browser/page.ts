/** What the test page runs: the conformance suite on gpu.js in the mode that the address names. */
import { openDevice, registerBackend } from "@chain/array/backend";
import { formatReport, runConformance } from "@chain/array/conformance";
import { createGpuJsBackend, type GpuMode } from "../../src/index.js";

/** What the test reads when `done` is true. */
export interface Outcome {
  done: boolean;
  description: string;
  report: string;
  reasons: string[];
  failed: string[];
}

const mode = new URL(globalThis.location.href).searchParams.get("mode");
const outcome: Outcome = { done: false, description: "", report: "", reasons: [], failed: [] };
Object.assign(globalThis, { outcome });

if (mode !== null) {
  registerBackend("gpujs", () => createGpuJsBackend({ mode: mode as GpuMode }));
}
outcome.description = (await openDevice("gpujs")).description ?? "";
const report = await runConformance("gpujs");
outcome.report = formatReport(report);
outcome.reasons = [...new Set(report.unsupported.map(({ reason }) => reason))];
outcome.failed = report.failed.map(({ name, error }) => `${name}: ${String(error)}`);
outcome.done = true;
