export { createCpuBackend } from "./backend.js";
export type { CpuRuntimeOptions } from "./runtime.js";
