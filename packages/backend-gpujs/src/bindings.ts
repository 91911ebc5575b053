import type { Gpu, KernelSource, Values } from "./gpu.js";

/** What the names in kernels stand for in one launch. */
export interface Bindings {
  readonly arrays: Map<string, Values>;
  readonly numbers: Map<string, number>;
}

/** Runs a kernel for `size` results. */
export type Run = (size: number, bindings: Bindings) => Values;

/** A kernel that takes what it needs by name. */
export function bound(source: KernelSource, gpu: Gpu): Run {
  const kernel = gpu.kernel(source);
  return (size, { arrays, numbers }) =>
    kernel(
      size,
      source.arrays.map((name) => arrays.get(name) as Values),
      source.numbers.map((name) => numbers.get(name) as number),
    );
}
