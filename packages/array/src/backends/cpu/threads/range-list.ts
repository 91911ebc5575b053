import type { ArgumentArena } from "../memory/argument-arena.js";
import type { WasmMemory } from "../memory/wasm-memory.js";
import type { KernelFunction } from "../wasm-kernel.js";

/** One of several ranges that a kernel runs over: [0, `count`), with arguments of its own. */
export interface ListedRange {
  readonly args: number;
  readonly count: number;
}

/**
 * Ranges of one kernel that are run as if they were one, so that threads can divide them: positions of all of them are numbered
 * through. In memory it is a table that workers read, too: for each range where it ends, and the address of its arguments.
 */
export class RangeList {
  /** Bytes that a range takes in the table. */
  static readonly bytesPerRange = 8;

  /** Address of the table. */
  readonly table: number;
  /** Positions of all ranges. */
  readonly count: number;
  readonly #memory: WasmMemory;

  /** Writes the table to a block of `arena`. */
  constructor(memory: WasmMemory, arena: ArgumentArena, ranges: readonly ListedRange[]) {
    this.#memory = memory;
    this.table = arena.allocate(RangeList.bytesPerRange * ranges.length);
    const { u32 } = memory;
    let word = this.table >>> 2;
    let end = 0;
    for (const { args, count } of ranges) {
      end += count;
      u32[word++] = end;
      u32[word++] = args;
    }
    this.count = end;
  }

  /** Runs positions [begin, end). Workers do the same, see `workerProgram`. */
  run(kernel: KernelFunction, begin: number, end: number): void {
    const { u32 } = this.#memory;
    for (let word = this.table >>> 2, first = 0; first < end; word += 2) {
      const last = u32[word] as number;
      if (last > begin) kernel(u32[word + 1] as number, Math.max(begin, first) - first, Math.min(end, last) - first);
      first = last;
    }
  }
}
