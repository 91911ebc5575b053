/** What the test page runs: inference on the device that a page starts on, then on those that it asks for. */
import { array, DeviceError, getDefaultDevice, getHostDevice, registerBackend, setDefaultDevice } from "@chain/array";
import { copy } from "@chain/autograd/functions";
import { Orthogonal } from "@chain/links/initializers";
import { infer, moveAtOnce, moveTo } from "../bundle/infer.js";

/** What the test reads when `done` is true. */
export interface Outcome {
  done: boolean;
  /** The scores of one picture by device, the one that is there at the start first. */
  readonly scores: Record<string, number[]>;
  /** Names of the scripts that had been loaded when the first scores were there. */
  scriptsAtStart: string[];
  /** What using the cpu before it is there says. */
  refused: string;
  /** Where the processor computes, at the start and when the cpu is there. */
  readonly hosts: string[];
}

const query = new URL(globalThis.location.href).searchParams;
const outcome: Outcome = { done: false, scores: {}, scriptsAtStart: [], refused: "", hosts: [] };
Object.assign(globalThis, { outcome });

const picture = Float32Array.from({ length: 784 }, (_, i) => ((i * 37) % 256) / 255);

async function note(): Promise<void> {
  outcome.scores[getDefaultDevice()] = Array.from(await infer(picture));
}

/** The device of what the processor computes: a copy as Chainer's -1 asks for, and weights that a decomposition makes. */
function noteHost(): void {
  const copied = copy(array([1, 2, 3]), -1);
  outcome.hosts.push(getHostDevice(), copied.device, new Orthogonal().generate([3, 3], { dtype: "float32" }).device);
}

if (query.has("registered")) {
  const { createCpuBackend } = await import("@chain/array/cpu");
  registerBackend("cpu", () => createCpuBackend({ threads: 1 }));
  void setDefaultDevice("cpu"); // takes effect at once
  moveAtOnce("cpu");
}
await note();
outcome.scriptsAtStart = performance.getEntriesByType("resource").map(({ name }) => name.replace(/^.*\//, ""));
noteHost();
try {
  array([1], { device: "cpu" });
} catch (error) {
  outcome.refused = error instanceof DeviceError ? error.message : `not a DeviceError: ${String(error)}`;
}
for (const device of (query.get("devices") ?? "").split(",").filter((name) => name !== "")) {
  await moveTo(device);
  await note();
  if (device === "cpu") noteHost();
}

outcome.done = true;
