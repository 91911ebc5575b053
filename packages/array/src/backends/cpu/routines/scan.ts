import type { DType } from "../../../dtype.js";
import type { NdArray } from "../../../ndarray.js";
import { nanosecondsPerUnit, type ScheduledKernel } from "../generate/schedule.js";
import type { CpuRuntime } from "../runtime.js";
import { LEAST_WAKING } from "../threads/sharing.js";
import { SCAN_MODE, totalBytes } from "./scan-kernel.js";
import { writeWords } from "./words.js";

/** Elements of a block: what a second-level cache holds. */
const blockElements = 2 ** 14;
/** What an element costs, in units of `cost.ts`. */
const elementCost = 6;
/** Threads from which reading rows twice pays: one reads and writes long rows at the speed of memory, and two gain less than it costs. */
const fewestThreads = 3;
/** Work from which it pays: the first reading, half the work of the second, has to be worth waking workers up for. */
const leastTwice = (2 * LEAST_WAKING) / nanosecondsPerUnit;

/**
 * Running sums or products of the rows of `x`, whose elements begin at `from`. Long rows that are worth several threads are read twice:
 * for the totals of their blocks, then for the results.
 */
export function scan(
  runtime: CpuRuntime,
  kernelOf: (dtype: DType) => ScheduledKernel,
  { shape, dtype }: NdArray,
  from: number,
  to: number,
): void {
  const [rows, length] = shape as [number, number];
  const block = Math.min(blockElements, Math.ceil(length / 4) * 4);
  const blocks = Math.ceil(length / block);
  const units = rows * blocks;
  const kernel = kernelOf(dtype);
  const cost = elementCost * Math.min(block, length);
  const run = (mode: keyof typeof SCAN_MODE, totals: number, count: number, unitCost: number, grain = 1): void =>
    kernel.run(writeWords(runtime, [from, to, length, block, blocks, totals, SCAN_MODE[mode]]), count, unitCost, grain);
  if (blocks === 1 || runtime.threads < fewestThreads || units * cost < leastTwice) {
    // Blocks of a row need what is before them: they stay on one thread.
    run("whole", 0, units, cost, blocks);
    return;
  }
  const totals = runtime.memory.allocate(units * totalBytes);
  try {
    run("totals", totals, units, cost / 2);
    run("bases", totals, rows, 4 * blocks);
    run("rest", totals, units, cost);
  } finally {
    runtime.memory.free(totals);
  }
}
