import { hostKernels } from "../backends/host-executable.js";
import { openDevice } from "../device.js";
import { dtypes, type DType } from "../dtype.js";
import { ValueError } from "../errors.js";
import { allCases } from "./cases.js";
import { bind } from "./context.js";

/** What came of all cases. */
export interface ConformanceReport {
  readonly device: string;
  readonly passed: readonly string[];
  /** What the backend has no arrays for, and why. */
  readonly unsupported: readonly { readonly name: string; readonly reason: string }[];
  readonly failed: readonly { readonly name: string; readonly error: unknown }[];
  /** Kernels that the backend left to the host. */
  readonly hostKernels: readonly string[];
}

/**
 * Runs the suite without a test framework: all cases of `conformanceCases`, one after the other.
 *
 * @param deviceName the name that the backend is registered under
 * @param only runs the cases whose name starts so
 * @throws DeviceError if the device cannot be opened
 * @throws ValueError if no case's name starts so
 */
export async function runConformance(deviceName: string, only = ""): Promise<ConformanceReport> {
  const chosen = allCases.filter(({ name }) => name.startsWith(only));
  if (chosen.length === 0) {
    throw new ValueError(
      `runConformance: no case's name starts with ${JSON.stringify(only)}; conformanceCases(${JSON.stringify(deviceName)}) ` +
        'has them all, and "" runs them',
    );
  }
  const backend = await openDevice(deviceName);
  const passed: string[] = [];
  const unsupported: ConformanceReport["unsupported"][number][] = [];
  const failed: ConformanceReport["failed"][number][] = [];
  for (const definition of chosen) {
    const { name, dtypes: needed, run } = bind(definition, deviceName);
    try {
      if ((await run()) === "passed") passed.push(name);
      else unsupported.push({ name, reason: reasonOf(new Set(needed.filter((dtype) => !backend.supports(dtype)))) });
    } catch (error) {
      failed.push({ name, error });
    }
  }
  return { device: deviceName, passed, unsupported, failed, hostKernels: hostKernels(backend) };
}

function reasonOf(missing: ReadonlySet<DType>): string {
  return `no arrays of ${dtypes.filter((dtype) => missing.has(dtype)).join(", ")}`;
}

/** A report for people: what failed in full, everything else counted, by reasons. */
export function formatReport({ device, passed, unsupported, failed, hostKernels: onHost }: ConformanceReport): string {
  const reasons = new Map<string, number>();
  for (const { reason } of unsupported) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  return [
    ...failed.map(({ name, error }) => `FAILED ${name}: ${error instanceof Error ? error.message : String(error)}`),
    `${device}: ${passed.length} passed, ${failed.length} failed, ${unsupported.length} unsupported`,
    ...[...reasons].map(([reason, count]) => `  ${count} unsupported: ${reason}`),
    ...(onHost.length === 0 ? [] : [`  ${onHost.length} kernels ran on the host`]),
  ].join("\n");
}
