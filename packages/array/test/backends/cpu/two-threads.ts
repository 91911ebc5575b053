import { CpuBackend } from "../../../src/backends/cpu/backend.js";
import { CpuRuntime } from "../../../src/backends/cpu/runtime.js";
import { shareAll } from "../../../src/backends/cpu/threads/sharing.js";

/** A CPU whose two threads share whatever can be divided, however small it is. */
export const double = new CpuBackend(new CpuRuntime({ threads: 2, sharing: shareAll }));

/** Makes the threads of {@link double} start, which takes a moment; until then its work is done by the calling thread. */
export function startThreads(): Promise<void> {
  return double.runtime.ready();
}
