import { CpuBackend } from "../../../src/backends/cpu/backend.js";
import { CpuRuntime } from "../../../src/backends/cpu/runtime.js";
import { shareAll } from "../../../src/backends/cpu/threads/sharing.js";

/** A CPU whose two threads share whatever can be divided, however small it is. */
export const double = new CpuBackend(new CpuRuntime({ threads: 2, sharing: shareAll }));

/** The same with three. */
export const triple = new CpuBackend(new CpuRuntime({ threads: 3, sharing: shareAll }));

/** Makes the threads of these start, which takes a moment; until then their work is done by the calling thread. */
export async function startThreads(): Promise<void> {
  await Promise.all([double.runtime.ready(), triple.runtime.ready()]);
}
