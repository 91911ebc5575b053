import type { Backend, DeviceBuffer } from "../../backend.js";
import { type ChainError, DeviceError } from "../../errors.js";
import type { Routines } from "../../routines.js";
import { BufferPool, type PooledBuffer } from "./buffer-pool.js";
import { CommandStream } from "./command-stream.js";
import { compileProgram, printProgram } from "./launcher.js";
import { GpuMatmul } from "./matmul.js";
import { PipelineMaker } from "./pipeline-maker.js";
import { requestGpuDevice, type WebGpuOptions } from "./request.js";
import { isWgslOperation } from "./wgsl/expression.js";
import { bufferUsage, mapForReading } from "./flags.js";

/**
 * Opens a GPU through WebGPU: in the browser its own, in Node through the optional package `webgpu`.
 *
 * @throws DeviceError when there is no adapter.
 */
export async function createWebGpuBackend(options: WebGpuOptions = {}): Promise<Backend> {
  return new WebGpuBackend(await requestGpuDevice(options));
}

/** Known by what it says of itself, and by the names of the usual ones. */
function isSoftware(info: GPUAdapterInfo | undefined): boolean {
  if (info === undefined) return false;
  return (
    info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|warp/i.test(`${info.architecture} ${info.description}`)
  );
}

class WebGpuBackend implements Backend {
  readonly name = "webgpu";
  readonly routines: Partial<Routines>;
  readonly pool: BufferPool;
  readonly stream: CommandStream;
  readonly pipelines: PipelineMaker;
  readonly software: boolean;
  /** The first thing that went wrong on the GPU since anybody asked. */
  private failure: ChainError | null = null;

  constructor(private readonly device: GPUDevice) {
    this.software = isSoftware(device.adapterInfo);
    this.pool = new BufferPool(device);
    this.stream = new CommandStream(device);
    this.pipelines = new PipelineMaker(device);
    const matmul = new GpuMatmul(this);
    this.routines = { matmul: (a, b, out, epilogue) => matmul.run(a, b, out, epilogue) };
    device.addEventListener("uncapturederror", ({ error }) => {
      this.failure ??= new DeviceError(`webgpu: ${error.message}`);
    });
    void device.lost.then(({ reason, message }) => {
      this.failure = new DeviceError(`webgpu: the device was lost (${reason}): ${message}`);
    });
  }

  supports(dtype: string): boolean {
    return dtype !== "float64";
  }

  allocate(bytes: number): PooledBuffer {
    this.checkFailure();
    return this.pool.take(bytes);
  }

  free(buffer: DeviceBuffer): void {
    this.pool.give(buffer as PooledBuffer);
  }

  write(buffer: DeviceBuffer, byteOffset: number, data: Uint8Array): void {
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
    this.checkFailure();
    if (bytes === 0) return new Uint8Array(0);
    const start = byteOffset & ~3;
    const size = (byteOffset + bytes - start + 3) & ~3;
    const staging = this.device.createBuffer({ size, usage: bufferUsage.mapRead | bufferUsage.copyTarget });
    this.stream.copy((buffer as PooledBuffer).gpu, start, staging, 0, size);
    this.stream.flush();
    try {
      await staging.mapAsync(mapForReading);
    } catch (error) {
      this.checkFailure();
      throw new DeviceError(`webgpu: reading back failed: ${String(error)}`);
    }
    this.checkFailure();
    const copy = new Uint8Array(staging.getMappedRange().slice(byteOffset - start, byteOffset - start + bytes));
    staging.destroy();
    return copy;
  }

  compile(program: Parameters<Backend["compile"]>[0]): ReturnType<Backend["compile"]> {
    return compileProgram(program, this);
  }

  print(program: Parameters<Backend["print"]>[0]): string {
    return printProgram(program);
  }

  isNative: Backend["isNative"] = (op, type) => isWgslOperation(op, type);

  async synchronize(): Promise<void> {
    this.stream.flush();
    await this.device.queue.onSubmittedWorkDone();
    this.checkFailure();
  }

  memory(): { reservedBytes: number } {
    return { reservedBytes: this.pool.reservedBytes };
  }

  private checkFailure(): void {
    const { failure } = this;
    if (failure === null) return;
    this.failure = null;
    throw failure;
  }
}
