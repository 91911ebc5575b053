/** The devices that come with this package, in Node: its files are at hand, so the cpu is there at once. */
import type { BackendFactory } from "../backend.js";
import { createCpuBackend } from "./cpu/index.js";
import { createJsBackend } from "./js/index.js";

/** Where arrays are made before a program says so. */
export const initialDevice = "cpu";

export const builtInBackends: readonly (readonly [name: string, BackendFactory])[] = [
  [initialDevice, () => createCpuBackend()],
  ["js", createJsBackend],
  ["webgpu", async () => (await import("@chain/array/webgpu")).createWebGpuBackend()],
];
