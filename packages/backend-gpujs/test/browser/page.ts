/** What the test page runs: the conformance suite on gpu.js in the mode that the address names, and what only a GPU can get wrong. */
import { array, asStrided, copyto, memoryInfo, scope, setDefaultDevice, zeros } from "@chain/array";
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
  /** Elements of an array that was written through a view whose axes reach past each other. */
  crossed: unknown;
  /** Textures that are alive after 10 and after 60 rounds of work. */
  textures: number[];
}

const mode = new URL(globalThis.location.href).searchParams.get("mode");
const outcome: Outcome = {
  done: false,
  description: "",
  report: "",
  reasons: [],
  failed: [],
  crossed: null,
  textures: [],
};
Object.assign(globalThis, { outcome });

let alive = 0;
const methods = WebGL2RenderingContext.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
for (const [name, change] of [
  ["createTexture", 1],
  ["deleteTexture", -1],
] as const) {
  const method = methods[name];
  methods[name] = function (this: unknown, ...args) {
    alive += change;
    return method?.apply(this, args);
  };
}

if (mode !== null) {
  registerBackend("gpujs", () => createGpuJsBackend({ mode: mode as GpuMode }));
}
outcome.description = (await openDevice("gpujs")).description ?? "";
const report = await runConformance("gpujs");
outcome.report = formatReport(report);
outcome.reasons = [...new Set(report.unsupported.map(({ reason }) => reason))];
outcome.failed = report.failed.map(({ name, error }) => `${name}: ${String(error)}`);

await setDefaultDevice("gpujs");
const target = zeros([9]);
// Rows start at 0 and 3, columns are 2 apart: 0 2 4, 3 5 7.
copyto(
  asStrided(target, [2, 3], [3, 2]),
  array([
    [1, 2, 3],
    [4, 5, 6],
  ]),
);
outcome.crossed = await target.tolist();

const arrays = (): number => memoryInfo()["gpujs"]?.arrays ?? NaN;
const before = arrays();
for (let round = 1; round <= 60; round++) {
  scope(() => {
    const x = array(Float32Array.from({ length: 100 * (1 + (round % 7)) }, () => round));
    copyto(x.reshape([10, -1]).T, x.sum());
  });
  if (round === 10 || round === 60) outcome.textures.push(alive);
}
if (!(arrays() <= before)) outcome.failed.push(`${arrays()} arrays are alive instead of ${before}`);
outcome.done = true;
