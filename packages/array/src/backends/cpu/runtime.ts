import { ValueError } from "../../errors.js";
import { ArgumentArena } from "./memory/argument-arena.js";
import { WasmMemory } from "./memory/wasm-memory.js";
import { canShareMemory, canStartThreads, defaultThreads } from "./threads/host.js";
import { RangeList, type ListedRange } from "./threads/range-list.js";
import type { Helpers, SharingPolicy } from "./threads/sharing.js";
import { WorkerPool } from "./threads/worker-pool.js";
import { WasmKernel } from "./wasm-kernel.js";
import { ModuleBuilder } from "./wasm/assembler.js";

/** Options of a runtime; what is absent is found out from the host. */
export interface CpuRuntimeOptions {
  /** Threads that compute, the caller's included; 1 for no workers. `CHAIN_THREADS` or the processors if absent. */
  readonly threads?: number;
  /** Whether the memory is a `SharedArrayBuffer`; more than one thread needs that. */
  readonly shared?: boolean;
  /** Most bytes of memory; 4 GiB if absent. */
  readonly memoryLimit?: number;
  /** When work is shared between threads; where that is faster if absent. */
  readonly sharing?: SharingPolicy;
}

/** What computing on the CPU stands on: one WebAssembly memory, kernels that work on it, threads that run them. */
export class CpuRuntime {
  readonly memory: WasmMemory;
  /** Blocks for kernels' arguments. */
  readonly args: ArgumentArena;
  /** Threads that compute, the caller's included. */
  readonly threads: number;
  readonly #pool: WorkerPool | undefined;
  #kernels = 0;

  /** @throws ValueError if more than one thread is asked for where memory cannot be shared */
  constructor(options: CpuRuntimeOptions = {}) {
    const { threads, shared, memoryLimit, sharing } = options;
    if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
      throw new ValueError(`CpuRuntime: expected threads to be a positive integer, got ${threads}`);
    }
    const threadsPossible = shared !== false && canStartThreads();
    if (threads !== undefined && threads > 1 && !threadsPossible) {
      throw new ValueError(
        `CpuRuntime: ${threads} threads need shared memory and workers: Node 20.16, or a page that is cross-origin isolated`,
      );
    }
    this.threads = threadsPossible ? (threads ?? defaultThreads()) : 1;
    this.memory = new WasmMemory({
      shared: shared ?? (this.threads > 1 && canShareMemory()),
      ...(memoryLimit === undefined ? {} : { limit: memoryLimit }),
    });
    this.args = new ArgumentArena(this.memory);
    this.#pool = this.threads > 1 ? new WorkerPool(this.memory, this.threads, sharing) : undefined;
  }

  /**
   * Compiles a kernel (see `WasmKernel` for what it must import and export).
   *
   * @throws KernelError if the module is not valid
   */
  loadKernel(source: ModuleBuilder | Uint8Array<ArrayBuffer>, name = "kernel"): WasmKernel {
    const bytes = source instanceof ModuleBuilder ? source.toBytes() : source;
    return new WasmKernel(this.#kernels++, name, bytes, this.memory);
  }

  /**
   * Runs `kernel` over [0, count), in disjoint ranges whose boundaries are multiples of `grain` (but for `count` itself), and
   * returns when all are done; on several threads if that is faster, which follows from `cost`.
   *
   * @param cost - how long a position takes on one thread, in nanoseconds: an estimate
   * @throws WebAssembly.RuntimeError if a range traps, on whatever thread
   */
  parallelFor(kernel: WasmKernel, args: number, count: number, cost: number, grain = 1): void {
    const helpers = this.#helpers(count, cost, grain);
    if (this.#pool !== undefined && helpers !== "nobody") this.#pool.run(kernel, args, { count, cost, grain }, helpers);
    else if (count > 0) kernel.run(args, 0, count);
  }

  /** As {@link parallelFor}, over several ranges as if they were one. */
  parallelForList(kernel: WasmKernel, ranges: readonly ListedRange[], cost: number, grain = 1): void {
    let count = 0;
    for (const range of ranges) count += range.count;
    const helpers = this.#helpers(count, cost, grain);
    if (this.#pool !== undefined && helpers !== "nobody") {
      const list = new RangeList(this.memory, this.args, ranges);
      this.#pool.run(kernel, list, { count, cost, grain }, helpers);
    } else {
      for (const { args, count: length } of ranges) if (length > 0) kernel.run(args, 0, length);
    }
  }

  #helpers(count: number, cost: number, grain: number): Helpers {
    return this.#pool === undefined || count <= grain ? "nobody" : this.#pool.helpers(count * cost);
  }

  /** Starts the workers now and resolves when they run. Nobody needs to wait for that; measurements may want to. */
  async ready(): Promise<void> {
    await this.#pool?.ready();
  }

  /** Ends the workers; afterwards everything runs on the calling thread. A process also ends without this. */
  close(): void {
    this.#pool?.close();
  }
}

let runtime: CpuRuntime | undefined;

/** The process's runtime, made when it is first asked for. */
export function cpuRuntime(): CpuRuntime {
  runtime ??= new CpuRuntime();
  return runtime;
}
