/** Importing this package registers the device `gpujs`. */
import { registerBackend } from "@chain/array/backend";
import { createGpuJsBackend } from "./backend.js";

export { createGpuJsBackend, GpuJsBackend, type GpuJsOptions } from "./backend.js";
export type { GpuMode } from "./gpu.js";

registerBackend("gpujs", () => createGpuJsBackend());
