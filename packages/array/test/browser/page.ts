/** What the test page runs: the conformance suite on the device that the address names. */
import { conformanceCases } from "../../src/conformance/index.js";

/** What the test reads when `done` is true. */
export interface Outcome {
  readonly isolated: boolean;
  readonly passed: string[];
  readonly skipped: string[];
  readonly failed: string[];
  done: boolean;
}

const device = new URL(globalThis.location.href).searchParams.get("device") ?? "cpu";
const outcome: Outcome = { isolated: globalThis.crossOriginIsolated, passed: [], skipped: [], failed: [], done: false };
Object.assign(globalThis, { outcome });

for (const { name, run } of conformanceCases(device)) {
  try {
    outcome[await run()].push(name);
  } catch (error) {
    outcome.failed.push(`${name}: ${String(error)}`);
  }
  globalThis.document.body.textContent = `${device}: ${outcome.passed.length} passed, ${outcome.failed.length} failed`;
}
outcome.done = true;
