import { KernelError } from "../../../errors.js";
import type { CpuRuntime } from "../runtime.js";
import type { ListedRange } from "../threads/range-list.js";
import type { WasmKernel } from "../wasm-kernel.js";
import type { GeneratedKernel } from "./kernel.js";
import { specialFunctions } from "./library.js";

/**
 * Work, in units of `cost.ts` (about 0.03 ns each), below which a second thread is not worth waking up: that takes some 20
 * microseconds if it sleeps.
 */
export const worthwhile: number = 2 ** 20;
/** Least work of a range that one thread takes at a time. */
const leastRange = 2 ** 17;

/** A kernel that has been loaded, and the threads that may run it. */
export class ScheduledKernel {
  readonly #run: (args: number, begin: number, end: number) => void;
  /** Null if the kernel uses functions that only this thread has. */
  readonly #kernel: WasmKernel | null;

  constructor(
    private readonly runtime: CpuRuntime,
    generated: Pick<GeneratedKernel, "module" | "usesSpecial">,
    name: string,
  ) {
    if (generated.usesSpecial) {
      this.#kernel = null;
      this.#run = instantiateHere(runtime, generated, name);
    } else {
      this.#kernel = runtime.loadKernel(generated.module, name);
      this.#run = this.#kernel.run;
    }
  }

  /** Runs the range [0, count), of which each position costs `cost`, on as many threads as that is worth. */
  run(args: number, count: number, cost: number): void {
    if (count * cost < worthwhile || this.#kernel === null) this.#run(args, 0, count);
    else this.runtime.parallelFor(this.#kernel, args, count, Math.ceil(leastRange / cost));
  }

  /** Runs several ranges, which have nothing to do with each other, on as many threads as all of them are worth. */
  runList(ranges: readonly ListedRange[], cost: number): void {
    let count = 0;
    for (const range of ranges) count += range.count;
    if (count * cost < worthwhile || this.#kernel === null) {
      for (const { args, count: length } of ranges) this.#run(args, 0, length);
    } else {
      this.runtime.parallelForList(this.#kernel, ranges, Math.ceil(leastRange / cost));
    }
  }
}

function instantiateHere(
  { memory }: CpuRuntime,
  { module }: Pick<GeneratedKernel, "module">,
  name: string,
): WasmKernel["run"] {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), {
    env: { memory: memory.memory },
    Math: Math as unknown as WebAssembly.ModuleImports,
    special: specialFunctions,
  });
  const run = instance.exports["run"];
  if (typeof run !== "function") throw new KernelError(`kernel ${name} exports no run`);
  return run as WasmKernel["run"];
}
