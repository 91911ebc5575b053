import type { DeviceProfile, KernelTime } from "../../backend.js";
import { DeviceError } from "../../errors.js";
import { bufferUsage, mapForReading } from "./flags.js";

const bytesPerTime = 8;

/** Start and end of every dispatch, as the GPU's clock has them, by kernel. */
export class GpuProfile implements DeviceProfile {
  private readonly queries: GPUQuerySet;
  private readonly resolved: GPUBuffer;
  private readonly totals = new Map<string, { runs: number; milliseconds: number }>();
  private readonly reads: Promise<void>[] = [];
  private labels: string[] = [];

  /**
   * @param capacity - dispatches between two calls of {@link collect}, at most
   * @param finish - hands over what is recorded, and stops measuring
   * @throws DeviceError if the adapter has no clock to read
   */
  constructor(
    private readonly device: GPUDevice,
    capacity: number,
    private readonly finish: () => void,
  ) {
    if (!device.features.has("timestamp-query")) {
      throw new DeviceError("webgpu: this adapter does not tell times (it has no timestamp queries)");
    }
    this.queries = device.createQuerySet({ type: "timestamp", count: 2 * capacity });
    const usage = bufferUsage.queryResolve | bufferUsage.copySource;
    this.resolved = device.createBuffer({ size: 2 * capacity * bytesPerTime, usage });
  }

  /** Where the times of the next dispatch go. */
  next(label: string): GPUComputePassTimestampWrites {
    const at = 2 * this.labels.length;
    this.labels.push(label);
    return { querySet: this.queries, beginningOfPassWriteIndex: at, endOfPassWriteIndex: at + 1 };
  }

  /** Ends a batch: records what brings its times to the host. Call {@link submitted} after handing it over. */
  collect(encoder: GPUCommandEncoder): (() => void) | null {
    const { labels } = this;
    if (labels.length === 0) return null;
    this.labels = [];
    const size = 2 * labels.length * bytesPerTime;
    const staging = this.device.createBuffer({ size, usage: bufferUsage.mapRead | bufferUsage.copyTarget });
    encoder.resolveQuerySet(this.queries, 0, 2 * labels.length, this.resolved, 0);
    encoder.copyBufferToBuffer(this.resolved, 0, staging, 0, size);
    return () => {
      this.reads.push(
        staging.mapAsync(mapForReading).then(() => {
          const times = new BigUint64Array(staging.getMappedRange().slice(0));
          staging.destroy();
          labels.forEach((label, i) => this.add(label, Number((times[2 * i + 1] ?? 0n) - (times[2 * i] ?? 0n)) / 1e6));
        }),
      );
    };
  }

  async stop(): Promise<KernelTime[]> {
    this.finish();
    try {
      await Promise.all(this.reads);
    } finally {
      this.queries.destroy();
      this.resolved.destroy();
    }
    return [...this.totals]
      .map(([kernel, total]) => ({ kernel, ...total }))
      .sort((a, b) => b.milliseconds - a.milliseconds);
  }

  private add(label: string, milliseconds: number): void {
    const total = this.totals.get(label) ?? { runs: 0, milliseconds: 0 };
    total.runs++;
    // Clocks of some drivers go back now and then.
    total.milliseconds += Math.max(0, milliseconds);
    this.totals.set(label, total);
  }
}
