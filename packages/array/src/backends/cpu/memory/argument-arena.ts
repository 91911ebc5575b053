import { ValueError } from "../../../errors.js";
import type { WasmMemory } from "./wasm-memory.js";

const DEFAULT_BYTES = 65536;

/**
 * Blocks for the arguments of kernel calls, taken in turn from a ring: nobody frees them, and each is good until the ring
 * comes round again. Calls are synchronous, so the block for a call is never overwritten before the call returns.
 *
 * @example
 * ```ts
 * const args = arena.allocate(12);
 * memory.u32[args >>> 2] = x;
 * memory.f32[(args >>> 2) + 1] = 0.5;
 * kernel.run(args, 0, n);
 * ```
 */
export class ArgumentArena {
  readonly #start: number;
  readonly #bytes: number;
  #used = 0;

  constructor(memory: WasmMemory, bytes = DEFAULT_BYTES) {
    this.#bytes = bytes;
    this.#start = memory.allocate(bytes);
  }

  /** How many blocks of so many bytes are good at the same time. */
  blocks(bytes: number): number {
    // Where the ring comes round, up to a block is left unused.
    return Math.max(1, Math.floor(this.#bytes / ((bytes + 31) & ~15)) - 1);
  }

  /** Address of a block of `bytes` bytes, a multiple of 16. Its contents are arbitrary. */
  allocate(bytes: number): number {
    let at = this.#used;
    if (at + bytes > this.#bytes) {
      if (bytes > this.#bytes) {
        throw new ValueError(`kernel arguments: expected at most ${this.#bytes} bytes, got ${bytes}`);
      }
      at = 0;
    }
    this.#used = (at + bytes + 15) & ~15;
    return this.#start + at;
  }
}
