import { halfToNumber, itemsize, storedView, type DType } from "@chain/array/backend";
import type { Interval } from "./bounds.js";
import type { Gpu, Values } from "./gpu.js";

/**
 * A piece of memory that is bytes on the host, or numbers where kernels reach them, or both. Either comes from the other when it
 * is asked for: bytes become numbers once a kernel says of what dtype they are.
 */
export class GpuJsBuffer {
  private host: Uint8Array<ArrayBuffer> | null = null;
  private values: Values | null = null;
  /** What the values are numbers of. */
  private dtype: DType = "float32";
  private range: Interval | null = null;

  constructor(
    private readonly gpu: Gpu,
    readonly bytes: number,
  ) {}

  /** Bytes that it takes on the host and on the device. */
  get reservedBytes(): number {
    return (this.host?.byteLength ?? 0) + (this.values === null ? 0 : (4 * this.bytes) / itemsize(this.dtype));
  }

  /** The bytes, to be read; they start at a multiple of 8. */
  read(): Uint8Array<ArrayBuffer> {
    if (this.host === null) {
      const room = Math.ceil(this.bytes / 8) * 8;
      if (this.values === null) this.host = new Uint8Array(room);
      else {
        const numbers = this.gpu.download(this.values);
        this.host = this.dtype === "float32" ? new Uint8Array(numbers.buffer) : Uint8Array.from(numbers);
      }
    }
    return this.host;
  }

  /** The bytes, to be changed in place: whatever was made of them is made anew. */
  open(): Uint8Array<ArrayBuffer> {
    const bytes = this.read();
    this.forget();
    return bytes;
  }

  write(byteOffset: number, data: Uint8Array): void {
    if (data.byteLength < this.bytes) this.read();
    else if (this.host === null || this.host.byteLength < this.bytes) {
      this.host = new Uint8Array(Math.ceil(this.bytes / 8) * 8);
    }
    this.host?.set(data, byteOffset);
    this.forget();
  }

  /** The elements as numbers for kernels. */
  numbers(dtype: DType): Values {
    if (this.values !== null && this.dtype === dtype) return this.values;
    const stored = storedView(dtype, this.read());
    this.forget();
    this.dtype = dtype;
    const count = this.bytes / itemsize(dtype);
    if (dtype === "float32") {
      this.values = this.gpu.upload(
        count === 0 ? new Float32Array(1) : (stored as Float32Array<ArrayBuffer>).subarray(0, count),
      );
    } else {
      const decoded = new Float32Array(Math.max(count, 1));
      for (let i = 0; i < count; i++) {
        const element = stored[i] as number;
        decoded[i] = dtype === "float16" ? halfToNumber(element) : element;
      }
      this.values = this.gpu.upload(decoded);
    }
    return this.values;
  }

  /** The smallest and the largest of integers. */
  rangeOf(dtype: DType): Interval {
    if (dtype === "bool") return [0, 1];
    if (dtype === "uint8") return [0, 255];
    if (this.range === null) {
      const stored = storedView(dtype, this.read());
      let [low, high] = [0, 0];
      for (let i = 0; i < this.bytes / 4; i++) {
        const element = stored[i] as number;
        if (element < low) low = element;
        if (element > high) high = element;
      }
      this.range = [low, high];
    }
    return this.range;
  }

  /** Takes what a kernel computed as all of its elements. */
  adopt(values: Values, dtype: DType): void {
    this.forget();
    this.host = null;
    this.values = values;
    this.dtype = dtype;
  }

  free(): void {
    this.forget();
    this.host = null;
  }

  private forget(): void {
    if (this.values !== null) this.gpu.release(this.values);
    this.values = null;
    this.range = null;
  }
}

/** The memory that the array package calls a buffer. */
export function bufferOf(buffer: unknown): GpuJsBuffer {
  return buffer as GpuJsBuffer;
}
