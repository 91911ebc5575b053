import type { Backend, BackendMemory, DeviceBuffer, DeviceProfile, Executable } from "../../backend.js";
import type { DType } from "../../dtype.js";
import { DeviceError } from "../../errors.js";
import { elementaryExpansion } from "../../kernel/elementary.js";
import type { OpName } from "../../kernel/ops-table.js";
import type { ComputeType, Program } from "../../kernel/program.js";
import type { Routines } from "../../routines.js";
import { adapterOf, type Adapter } from "./adapter.js";
import { BufferPool, type PooledBuffer } from "./buffer-pool.js";
import { CommandStream } from "./command-stream.js";
import { Failures } from "./failures.js";
import { compileProgram, printProgram } from "./launcher.js";
import { messageOf } from "./message-of.js";
import { PipelineMaker } from "./pipeline-maker.js";
import { gpuRoutines } from "./routines.js";
import { requestGpuDevice, type WebGpuOptions } from "./request.js";
import { isWgslOperation } from "./wgsl/expression.js";
import { bufferUsage, mapForReading } from "./flags.js";

/**
 * Opens a GPU through WebGPU: in the browser its own, in Node through the optional package `webgpu`.
 *
 * @throws DeviceError when there is no adapter.
 */
export async function createWebGpuBackend(options: WebGpuOptions = {}): Promise<WebGpuBackend> {
  return new WebGpuBackend(await requestGpuDevice(options), options);
}

/** What an adapter tells of itself; some browsers keep it to themselves. */
function describe(info: GPUAdapterInfo | undefined): string {
  const parts = [info?.vendor, info?.architecture, info?.device, info?.description];
  return parts.filter((part) => part !== undefined && part !== "").join(", ") || "an unnamed GPU";
}

/** See {@link createWebGpuBackend}. */
export class WebGpuBackend implements Backend {
  readonly interfaceVersion = 1;
  readonly name: string;
  readonly description: string;
  readonly expansions = elementaryExpansion;
  routines: Partial<Routines>;
  readonly failures: Failures;
  readonly pool: BufferPool;
  readonly stream: CommandStream;
  readonly pipelines: PipelineMaker;
  readonly adapter: Adapter;

  constructor(
    readonly device: GPUDevice,
    { name = "webgpu", kind, subgroups }: WebGpuOptions = {},
  ) {
    this.name = name;
    this.description = describe(device.adapterInfo);
    this.adapter = adapterOf(device, kind, subgroups);
    this.failures = new Failures(device);
    this.pool = new BufferPool(device, this.failures);
    this.stream = new CommandStream(device, this.failures);
    this.pipelines = new PipelineMaker(device, this.failures);
    this.routines = gpuRoutines(this);
  }

  supports(dtype: DType): boolean {
    return dtype !== "float64";
  }

  allocate(bytes: number): PooledBuffer {
    this.failures.check();
    return this.pool.take(bytes);
  }

  free(buffer: DeviceBuffer): void {
    this.pool.give(buffer as PooledBuffer);
  }

  write(buffer: DeviceBuffer, byteOffset: number, data: Uint8Array): void {
    this.failures.check();
    // Kernels recorded earlier may still want what the buffer held.
    this.stream.flush();
    const { gpu } = buffer as PooledBuffer;
    const whole = data.byteLength & ~3;
    const source = data as Uint8Array<ArrayBuffer>;
    if (byteOffset % 4 !== 0) throw new DeviceError("webgpu: writes start at a multiple of 4 bytes");
    if (whole > 0) this.device.queue.writeBuffer(gpu, byteOffset, source, 0, whole);
    if (whole < data.byteLength) {
      const tail = new Uint8Array(4);
      tail.set(data.subarray(whole));
      this.device.queue.writeBuffer(gpu, byteOffset + whole, tail);
    }
  }

  async read(buffer: DeviceBuffer, byteOffset: number, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
    this.failures.check();
    if (bytes === 0) return new Uint8Array(0);
    const start = byteOffset & ~3;
    const size = (byteOffset + bytes - start + 3) & ~3;
    const staging = this.device.createBuffer({ size, usage: bufferUsage.mapRead | bufferUsage.copyTarget });
    try {
      this.stream.copy((buffer as PooledBuffer).gpu, start, staging, 0, size);
      this.stream.flush();
      await this.arrived(staging.mapAsync(mapForReading));
      const first = byteOffset - start;
      return new Uint8Array(staging.getMappedRange().slice(first, first + bytes));
    } finally {
      staging.destroy();
    }
  }

  compile(program: Program): Executable {
    return compileProgram(program, this);
  }

  print(program: Program): string {
    return printProgram(program);
  }

  isNative(op: OpName, type: ComputeType): boolean {
    return isWgslOperation(op, type);
  }

  async synchronize(): Promise<void> {
    this.failures.check();
    this.stream.flush();
    await this.arrived(this.device.queue.onSubmittedWorkDone());
  }

  pace(): Promise<void> | null {
    return this.stream.pace();
  }

  memory(): BackendMemory {
    return { reservedBytes: this.pool.reservedBytes };
  }

  profile(): DeviceProfile {
    this.failures.check();
    return this.stream.startProfile();
  }

  /** Waits for the GPU, and throws what went wrong on it until then. */
  private async arrived(work: Promise<unknown>): Promise<void> {
    let refusal: unknown = null;
    try {
      await work;
    } catch (error) {
      refusal = error;
      // That the device is lost is told separately.
      await new Promise((resolve) => setTimeout(resolve));
    }
    await this.failures.settle();
    this.failures.check();
    if (refusal !== null) throw new DeviceError(`webgpu: reading back failed: ${messageOf(refusal)}`);
  }
}
