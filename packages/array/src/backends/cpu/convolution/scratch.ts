import type { CpuRuntime } from "../runtime.js";

/** Blocks of memory for the time of one operation. */
export class Scratch {
  readonly #runtime: CpuRuntime;
  readonly #blocks: number[] = [];

  constructor(runtime: CpuRuntime) {
    this.#runtime = runtime;
  }

  /** Address of a new block. */
  allocate(bytes: number): number {
    const block = this.#runtime.memory.allocate(bytes);
    this.#blocks.push(block);
    return block;
  }

  /** Address of a table of byte offsets, from offsets of 4-byte elements. */
  table(offsets: Int32Array): number {
    const address = this.allocate(4 * offsets.length);
    const words = this.#runtime.memory.i32;
    for (let i = 0; i < offsets.length; i++) words[(address >>> 2) + i] = 4 * (offsets[i] as number);
    return address;
  }

  /** Gives everything back. */
  free(): void {
    for (const block of this.#blocks) this.#runtime.memory.free(block);
  }
}
