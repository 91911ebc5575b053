import type { Executable, Launch } from "../backend.js";
import type { NdArray } from "../ndarray.js";

/** A run of a kernel into existing arrays, checked and planned, that {@link runTogether} starts. */
export interface KernelRun {
  /** The compiled variant, and what it is to run on; null if there are no elements. */
  readonly work: { readonly run: Executable; readonly launch: Launch } | null;
  /** Copies of operands that overlap the outputs, for this run alone. */
  readonly copies: readonly NdArray[];
}

/**
 * Runs kernels that do not depend on each other: none reads or writes what another one writes. A device may join them, as the CPU
 * does, which divides all of them among its threads as if they were one.
 */
export function runTogether(runs: readonly KernelRun[]): void {
  const lists = new Map<Executable, Launch[]>();
  for (const { work } of runs) {
    if (work === null) continue;
    const list = lists.get(work.run);
    if (list === undefined) lists.set(work.run, [work.launch]);
    else list.push(work.launch);
  }
  for (const [run, launches] of lists) {
    if (launches.length > 1 && run.together !== undefined) run.together(launches);
    else for (const launch of launches) run(launch);
  }
  for (const { copies } of runs) for (const copy of copies) copy.dispose();
}
