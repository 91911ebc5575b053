import { allCases } from "./cases.js";
import { bind, type ConformanceCase } from "./context.js";

export { ConformanceError } from "./compare.js";
export type { ConformanceCase, ConformanceOutcome } from "./context.js";
export { formatReport, runConformance, type ConformanceReport } from "./report.js";

/**
 * What a backend must do, as cases for any test framework: each throws with a readable message if it does not.
 *
 * ```ts
 * registerBackend("mine", createMyBackend);
 * test.each(conformanceCases("mine"))("$name", async ({ run }) => void (await run()));
 * ```
 *
 * Memory and the order of work; every operation of the kernel language in every dtype that the backend supports, against
 * results in float64; layouts; reductions, row-wise kernels, matrix products, convolutions, pooling, sorting
 * and scans, with the backend's routines and with what replaces them; the random stream.
 *
 * @param deviceName the name that the backend is registered under
 */
export function conformanceCases(deviceName: string): ConformanceCase[] {
  return allCases.map((definition) => bind(definition, deviceName));
}
