import type { CpuRuntime } from "../runtime.js";
import { GemmEngine } from "./engine.js";
import { type GemmProblem, normalize } from "./problem.js";

export type { GemmDtype } from "./lanes.js";
export type { GemmActivation, GemmProblem } from "./problem.js";

const engines = new WeakMap<CpuRuntime, GemmEngine>();

/**
 * Matrix product of strided matrices, with bias, activation, accumulation and batches (see `GemmProblem`): BLAS's `gemm`
 * with an epilogue.
 *
 * The result does not depend on the number of threads, to the last bit: each element of C is computed by one thread, and
 * added up along k in an order that depends only on the sizes and strides. Sums of integers wrap.
 *
 * @throws ValueError if a size is negative or not an integer
 * @throws OutOfMemoryError if there is no room for up to 8 MiB of packed operands
 */
export function gemm(runtime: CpuRuntime, problem: GemmProblem): void {
  const normalized = normalize(problem);
  if (normalized.m === 0 || normalized.n === 0 || normalized.batch === 0) return;
  let engine = engines.get(runtime);
  if (engine === undefined) {
    engine = new GemmEngine(runtime);
    engines.set(runtime, engine);
  }
  engine.run(normalized);
}
