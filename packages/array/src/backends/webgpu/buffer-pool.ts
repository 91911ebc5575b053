import { DeviceError, OutOfMemoryError } from "../../errors.js";
import type { Failures } from "./failures.js";
import { bufferUsage } from "./flags.js";

/** A piece of GPU memory with a number of its own, for cache keys. */
export interface PooledBuffer {
  readonly gpu: GPUBuffer;
  readonly id: number;
  readonly bytes: number;
  /** Whether it turned out that there was no memory for it. */
  void: boolean;
}

/** Buffers by size class, kept for reuse: a steady loop creates none. */
export class BufferPool {
  private readonly free = new Map<number, PooledBuffer[]>();
  private nextId = 0;
  /** Bytes of all buffers that exist, in use or not. */
  reservedBytes = 0;

  constructor(
    private readonly device: GPUDevice,
    private readonly failures: Failures,
  ) {}

  take(bytes: number): PooledBuffer {
    const size = sizeClass(bytes);
    const limit = Math.min(this.device.limits.maxBufferSize, this.device.limits.maxStorageBufferBindingSize);
    if (size > limit) {
      throw new OutOfMemoryError(
        `webgpu: an array of ${bytes} bytes does not fit: this GPU's buffers hold at most ${limit} bytes. ` +
          "Split it, use a smaller dtype, or the cpu device.",
      );
    }
    const existing = this.free.get(size)?.pop();
    if (existing !== undefined) return existing;
    const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyTarget;
    const before = this.reservedBytes;
    const buffer: PooledBuffer = this.failures.guard(
      "out-of-memory",
      () => ({ gpu: this.device.createBuffer({ size, usage }), id: this.nextId++, bytes: size, void: false }),
      (message) => {
        buffer.void = true;
        this.reservedBytes -= size;
        // What is kept for reuse may be what is missing.
        this.trim();
        return new OutOfMemoryError(
          `webgpu: no memory for an array of ${bytes} bytes: ${before} bytes were taken already. Free arrays, or work in ` +
            `smaller batches. (${message})`,
        );
      },
    );
    this.reservedBytes += size;
    return buffer;
  }

  /** Commands that were recorded earlier still see the old contents: later ones run after them. */
  give(buffer: PooledBuffer): void {
    if (buffer.void) return;
    const list = this.free.get(buffer.bytes);
    if (list === undefined) this.free.set(buffer.bytes, [buffer]);
    else list.push(buffer);
  }

  /** Destroys every buffer that is not in use. */
  trim(): void {
    for (const list of this.free.values()) {
      for (const { gpu, bytes } of list) {
        gpu.destroy();
        this.reservedBytes -= bytes;
      }
    }
    this.free.clear();
  }
}

/** Sizes grow by at most a quarter from class to class; all are multiples of 16 bytes. */
export function sizeClass(bytes: number): number {
  if (bytes < 0 || !Number.isFinite(bytes)) throw new DeviceError(`cannot allocate ${bytes} bytes`);
  if (bytes <= 256) return 256;
  const step = 2 ** (Math.floor(Math.log2(bytes - 1)) - 2);
  return Math.ceil((Math.ceil(bytes / step) * step) / 16) * 16;
}
