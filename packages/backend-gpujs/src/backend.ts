import {
  OutOfMemoryError,
  type Backend,
  type BackendMemory,
  type DeviceBuffer,
  type DType,
  type Executable,
  type OpName,
  type Program,
  type Routines,
} from "@chain/array/backend";
import { bufferOf, GpuJsBuffer } from "./buffer.js";
import { canRun, compile, dialectOf, print } from "./compile.js";
import { Gpu, type GpuMode } from "./gpu.js";
import { GpuJsMatmul } from "./matmul.js";
import { Placer } from "./place.js";
import { isFloatOperation, type Dialect } from "./source/expression.js";

/** The longest ArrayBuffer that all engines have. */
const mostBytes = 2 ** 32;

/** Options of a gpu.js backend. */
export interface GpuJsOptions {
  /** The name it is registered under: "gpujs". */
  readonly name?: string;
  /** Where kernels run. WebGL2 in a browser that has it, else WebAssembly, else JavaScript. */
  readonly mode?: GpuMode;
}

/**
 * A device that runs kernels with gpu.js.
 *
 * @throws DeviceError if the mode is not to be had here
 */
export function createGpuJsBackend(options: GpuJsOptions = {}): GpuJsBackend {
  return new GpuJsBackend(options);
}

/** See {@link createGpuJsBackend}. */
export class GpuJsBackend implements Backend {
  readonly interfaceVersion = 1;
  readonly name: string;
  readonly description: string;
  routines: Partial<Routines>;
  readonly gpu: Gpu;
  private readonly placer: Placer;
  private readonly dialect: Dialect;
  private readonly buffers = new Set<GpuJsBuffer>();

  constructor({ name = "gpujs", mode }: GpuJsOptions) {
    this.gpu = new Gpu(mode);
    this.name = name;
    this.description = `gpu.js, ${this.gpu.mode}`;
    this.placer = new Placer(this.gpu);
    this.routines = { matmul: new GpuJsMatmul(this.gpu, this.placer).run };
    this.dialect = dialectOf(this.gpu);
  }

  /** Everything but float64; what kernels of gpu.js cannot write (integers, float16) is computed on the host. */
  supports(dtype: DType): boolean {
    return dtype !== "float64";
  }

  /** Memory is taken when it is first used: what no engine has is refused at once. */
  allocate(bytes: number): GpuJsBuffer {
    if (bytes > mostBytes) {
      throw new OutOfMemoryError(
        `${this.name}: an array of ${bytes} bytes does not fit: arrays hold at most ${mostBytes} bytes. ` +
          "Split it, or work in smaller batches.",
      );
    }
    const buffer = new GpuJsBuffer(this.gpu, bytes);
    this.buffers.add(buffer);
    return buffer;
  }

  free(buffer: DeviceBuffer): void {
    this.buffers.delete(bufferOf(buffer));
    bufferOf(buffer).free();
  }

  write(buffer: DeviceBuffer, byteOffset: number, data: Uint8Array): void {
    bufferOf(buffer).write(byteOffset, data);
  }

  read(buffer: DeviceBuffer, byteOffset: number, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(this.readSync(buffer, byteOffset, bytes));
  }

  hostBytes(buffer: DeviceBuffer): Uint8Array<ArrayBuffer> {
    return bufferOf(buffer).open();
  }

  readSync(buffer: DeviceBuffer, byteOffset: number, bytes: number): Uint8Array<ArrayBuffer> {
    return bufferOf(buffer)
      .read()
      .slice(byteOffset, byteOffset + bytes);
  }

  compile(program: Program): Executable | null {
    return canRun(program, this.dialect) ? compile(program, this.gpu, this.placer) : null;
  }

  print(program: Program): string {
    return print(program, this.dialect);
  }

  isNative(op: OpName): boolean {
    return isFloatOperation(op, this.dialect);
  }

  synchronize(): Promise<void> {
    this.gpu.finish();
    return Promise.resolve();
  }

  memory(): BackendMemory {
    let reservedBytes = 0;
    for (const buffer of this.buffers) reservedBytes += buffer.reservedBytes;
    return { reservedBytes };
  }
}
