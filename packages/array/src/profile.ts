import type { KernelTime } from "./backend.js";
import { getDefaultDevice, openDevice } from "./device.js";
import { DeviceError } from "./errors.js";

/** Options of {@link profileKernels}. */
export interface ProfileOptions {
  /** The device to measure; the default one if absent. */
  readonly device?: string;
}

/**
 * Runs `body` and measures how long each kernel takes on a device with a clock of its own (webgpu), the longest first.
 * Kernels run one after the other meanwhile, so that their times do not overlap.
 *
 * @throws DeviceError if the device does not tell
 */
export async function profileKernels(
  body: () => unknown,
  { device = getDefaultDevice() }: ProfileOptions = {},
): Promise<KernelTime[]> {
  const backend = await openDevice(device);
  if (backend.profile === undefined) {
    throw new DeviceError(`device "${device}" does not measure kernels; TimerHook measures functions on any device`);
  }
  await backend.synchronize();
  const profile = backend.profile();
  try {
    await body();
  } catch (error) {
    await profile.stop();
    throw error;
  }
  return profile.stop();
}

/** Times of kernels as a table: what, how often, milliseconds in all, microseconds each, share of the whole. */
export function formatKernelTimes(times: readonly KernelTime[]): string {
  const whole = times.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const rows = [
    ["kernel", "runs", "ms", "us each", "%"],
    ...times.map(({ kernel, runs, milliseconds }) => [
      kernel,
      `${runs}`,
      milliseconds.toFixed(3),
      ((milliseconds * 1000) / runs).toFixed(1),
      (whole === 0 ? 0 : (100 * milliseconds) / whole).toFixed(1),
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number)))
        .join("  "),
    )
    .join("\n");
}
