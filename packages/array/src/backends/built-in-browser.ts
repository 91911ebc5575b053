/**
 * The devices that come with this package, in a page: each is loaded when it is asked for, except the smallest, on which arrays are
 * made until then. They are named as a program would name them, so that a bundler can be told to leave one out.
 */
import type { BackendFactory } from "../backend.js";
import { createJsBackend } from "./js/index.js";

/** Where arrays are made before a program says so. */
export const initialDevice = "js";

export const builtInBackends: readonly (readonly [name: string, BackendFactory])[] = [
  ["cpu", async () => (await import("@chain/array/cpu")).createCpuBackend()],
  [initialDevice, createJsBackend],
  ["webgpu", async () => (await import("@chain/array/webgpu")).createWebGpuBackend()],
];
