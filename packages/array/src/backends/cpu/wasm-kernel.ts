import { KernelError } from "../../errors.js";
import type { WasmMemory } from "./memory/wasm-memory.js";

/** Does the part [begin, end) of a kernel's work; `args` is the address of its arguments. All are unsigned. */
export type KernelFunction = (args: number, begin: number, end: number) => void;

/**
 * A compiled WebAssembly module that does one job over a range. It imports the memory as `env.memory`, may import functions
 * of `Math`, and exports `run(args: i32, begin: i32, end: i32)`. Disjoint ranges must write to disjoint places.
 */
export class WasmKernel {
  /** Runs a part on the calling thread. */
  readonly run: KernelFunction;
  #shared = 0;

  /**
   * Use `CpuRuntime.loadKernel` instead.
   *
   * @throws KernelError if the bytes are no such module
   */
  constructor(
    /** Distinguishes the kernels of one runtime. */
    readonly id: number,
    /** For messages. */
    readonly name: string,
    readonly bytes: Uint8Array<ArrayBuffer>,
    memory: WasmMemory,
  ) {
    let instance: WebAssembly.Instance;
    try {
      instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
        env: { memory: memory.memory },
        Math: Math as unknown as WebAssembly.ModuleImports,
      });
    } catch (error) {
      throw new KernelError(`kernel ${name} cannot be compiled: ${String(error)}`, { cause: error });
    }
    const run = instance.exports["run"];
    if (typeof run !== "function") {
      throw new KernelError(`kernel ${name}: expected an exported function "run", got ${typeof run}`);
    }
    this.run = run as KernelFunction;
  }

  /** Address of a copy of the module's bytes in the memory, where workers read them; made at the first call. */
  sharedBytes(memory: WasmMemory): number {
    if (this.#shared === 0) {
      this.#shared = memory.allocate(this.bytes.length);
      memory.u8.set(this.bytes, this.#shared);
    }
    return this.#shared;
  }
}
