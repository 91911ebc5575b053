import { readFileSync } from "node:fs";

/** What OpenBLAS's kernels for AVX-512 take. */
const avx512 = ["avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd"];

/**
 * The kernels that OpenBLAS should use on this processor (its variable `OPENBLAS_CORETYPE`), or null where its own choice is
 * as good. It knows processors by their model numbers, or does as the machine's `OPENBLAS_CORETYPE` says; what processors can do is
 * written in their flags.
 *
 * @param flags - what the processor can do, by Linux's names
 */
export function openBlasCoreType(flags: ReadonlySet<string> = processorFlags()): string | null {
  return avx512.every((flag) => flags.has(flag)) ? "SkylakeX" : null;
}

function processorFlags(): ReadonlySet<string> {
  if (process.platform !== "linux") return new Set();
  const line = /^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"));
  return new Set(line?.[1]?.trim().split(/\s+/));
}
