import { KernelError } from "../../../errors.js";
import type { CpuRuntime } from "../runtime.js";
import type { ListedRange } from "../threads/range-list.js";
import type { WasmKernel } from "../wasm-kernel.js";
import type { GeneratedKernel } from "./kernel.js";
import { specialFunctions } from "./library.js";

/** Nanoseconds of a unit of `cost.ts`. */
export const nanosecondsPerUnit = 0.03;

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

  /**
   * Runs the range [0, count), of which each position costs `cost`, on as many threads as that is worth.
   *
   * @param grain - where the range may be divided: at multiples of this
   */
  run(args: number, count: number, cost: number, grain = 1): void {
    if (this.#kernel === null) this.#run(args, 0, count);
    else this.runtime.parallelFor(this.#kernel, args, count, cost * nanosecondsPerUnit, grain);
  }

  /** Runs several ranges, which have nothing to do with each other, on as many threads as all of them are worth. */
  runList(ranges: readonly ListedRange[], cost: number, grain = 1): void {
    if (this.#kernel === null) for (const { args, count } of ranges) this.#run(args, 0, count);
    else this.runtime.parallelForList(this.#kernel, ranges, cost * nanosecondsPerUnit, grain);
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
