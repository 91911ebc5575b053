import type { Backend } from "../../backend.js";
import type { CpuRuntime } from "./runtime.js";

/**
 * The runtimes of CPU backends. Routines that are not the backend's own find theirs here: in a page, they are there without the
 * backend as long as nobody has asked for the cpu.
 */
export const runtimeOf = new WeakMap<Backend, CpuRuntime>();
