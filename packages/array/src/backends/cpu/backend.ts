import type { Backend, DeviceBuffer, Executable } from "../../backend.js";
import { itemsize, type DType, type TypedArray } from "../../dtype.js";
import { elementaryExpansion } from "../../kernel/elementary.js";
import type { OpName } from "../../kernel/ops-table.js";
import type { ComputeType, Program } from "../../kernel/program.js";
import type { NdArray } from "../../ndarray.js";
import { compileJavaScript } from "../js/index.js";
import { generateJavaScript } from "../js/generate.js";
import { compileProgram, printProgram } from "./generate/compile.js";
import { isImported } from "./generate/library.js";
import type { Routines } from "../../routines.js";
import { cpuRoutines } from "./routines/index.js";
import { CpuRuntime, cpuRuntime, type CpuRuntimeOptions } from "./runtime.js";
import { runtimeOf } from "./runtime-of.js";

/**
 * The CPU: arrays in one WebAssembly memory, programs compiled to WebAssembly SIMD. Without options all backends share the
 * process's runtime (memory and threads); with options a backend gets its own.
 *
 * @throws ValueError if more than one thread is asked for where memory cannot be shared
 */
export function createCpuBackend(options?: CpuRuntimeOptions): Backend {
  return new CpuBackend(options === undefined ? cpuRuntime() : new CpuRuntime(options));
}

/** A buffer is the address of its block in the runtime's memory. */
export class CpuBackend implements Backend {
  readonly interfaceVersion = 1;
  readonly name = "cpu";
  readonly expansions = elementaryExpansion;
  routines: Partial<Routines>;
  readonly runtime: CpuRuntime;

  constructor(runtime: CpuRuntime) {
    this.runtime = runtime;
    runtimeOf.set(this, runtime);
    this.routines = cpuRoutines(runtime);
  }

  supports(): boolean {
    return true;
  }

  allocate(bytes: number): number {
    return this.runtime.memory.allocate(bytes);
  }

  free(buffer: DeviceBuffer): void {
    this.runtime.memory.free(addressOf(buffer));
  }

  write(buffer: DeviceBuffer, byteOffset: number, data: Uint8Array): void {
    this.runtime.memory.u8.set(data, addressOf(buffer) + byteOffset);
  }

  read(buffer: DeviceBuffer, byteOffset: number, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(this.readSync(buffer, byteOffset, bytes));
  }

  hostBytes(buffer: DeviceBuffer): Uint8Array {
    const { memory } = this.runtime;
    const start = addressOf(buffer);
    return memory.u8.subarray(start, start + memory.sizeOf(start));
  }

  readSync(buffer: DeviceBuffer, byteOffset: number, bytes: number): Uint8Array<ArrayBuffer> {
    const start = addressOf(buffer) + byteOffset;
    return this.runtime.memory.u8.slice(start, start + bytes);
  }

  compile(program: Program): Executable {
    return compileProgram(this.runtime, program) ?? compileJavaScript(program, (array) => this.#elements(array));
  }

  print(program: Program): string {
    return printProgram(this.runtime, program) ?? generateJavaScript(program);
  }

  isNative(op: OpName, type: ComputeType): boolean {
    return type === "bool" || type === "int32" || type === "uint32" || !isImported(op);
  }

  synchronize(): Promise<void> {
    return Promise.resolve();
  }

  memory(): { readonly reservedBytes: number } {
    return { reservedBytes: this.runtime.memory.statistics().reservedBytes };
  }

  /** The elements of an array's storage. */
  #elements({ storage, dtype }: NdArray): TypedArray {
    const address = addressOf(storage.buffer);
    return elementsAt(this.runtime.memory.u8.buffer, dtype, address, Math.floor(storage.bytes / itemsize(dtype)));
  }
}

function addressOf(buffer: DeviceBuffer): number {
  return buffer as number;
}

/** A typed array of what is stored for `dtype` (raw bits for float16). */
function elementsAt(buffer: ArrayBufferLike, dtype: DType, address: number, length: number): TypedArray {
  switch (dtype) {
    case "bool":
    case "uint8":
      return new Uint8Array(buffer, address, length);
    case "int32":
      return new Int32Array(buffer, address, length);
    case "uint32":
      return new Uint32Array(buffer, address, length);
    case "float16":
      return new Uint16Array(buffer, address, length);
    case "float32":
      return new Float32Array(buffer, address, length);
    case "float64":
      return new Float64Array(buffer, address, length);
  }
}
