/** For programs that choose how a GPU is opened; for all others the device `webgpu` is enough. */
export type { AdapterKind } from "./adapter.js";
export { createWebGpuBackend } from "./backend.js";
export type { WebGpuOptions } from "./request.js";
