/** For programs that choose how the cpu is opened, or that need it at once in a page; for all others the device `cpu` is enough. */
export { createCpuBackend } from "./backend.js";
export type { CpuRuntimeOptions } from "./runtime.js";
