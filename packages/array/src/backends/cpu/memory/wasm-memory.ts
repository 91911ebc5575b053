import { OutOfMemoryError, ValueError } from "../../../errors.js";
import type { MemoryType } from "../wasm/types.js";
import { alignUp, LARGE_ALIGNMENT, LargeHeap } from "./large-heap.js";
import { PAGE_BYTES as SMALL_PAGE_BYTES, SMALL_LIMIT, SmallPages } from "./small-pages.js";

/** Size of a WebAssembly page. */
const WASM_PAGE = 65536;
/**
 * 4 GiB less one page: the address just past any block is below 2^32, so that a kernel's `pointer < end` cannot wrap.
 */
const MOST_PAGES = 65535;
/** Address 0 stays unused: a pointer of 0 means "none" in kernels' arguments. */
const HEAP_START = 1024;
/** Bytes past the last block that a kernel may read: a few vectors beyond an array's last element. */
const GUARD_BYTES = 256;
const INITIAL_PAGES = 64;
/** Growth doubles the memory up to this step. */
const MOST_GROWTH = 256 * 2 ** 20;

/** Options of a memory. */
export interface WasmMemoryOptions {
  /** Whether other threads can see it; needs `SharedArrayBuffer`. */
  readonly shared: boolean;
  /** Most bytes it may grow to; 4 GiB if absent. */
  readonly limit?: number;
}

/** What a memory holds, in bytes. Blocks count with their padding. */
export interface MemoryStatistics {
  readonly liveBytes: number;
  readonly liveBlocks: number;
  /** Most bytes that were live at a time. */
  readonly peakBytes: number;
  /** Bytes taken from the system so far. They are never given back, but reused. */
  readonly reservedBytes: number;
  readonly limit: number;
}

/**
 * One WebAssembly memory with an allocator. Pointers are byte addresses, 0 < pointer < 2^32, and never move.
 *
 * Blocks of up to 48 bytes are aligned to 16, longer ones to 64. A block is padded to a multiple of 16 bytes, which are its
 * own: a vector store over its last element, at a multiple of 16 from its start, hits nothing else. Reading up to 256
 * bytes past the end of a block is always inside the memory.
 *
 * The typed array views are replaced when the memory grows, so read them from here each time instead of keeping them
 * across an `allocate`.
 */
export class WasmMemory {
  /** The memory that kernels import. */
  readonly memory: WebAssembly.Memory;
  /** How kernels must declare it. */
  readonly type: Required<MemoryType>;
  /** Most bytes that the memory may grow to. */
  readonly limit: number;

  u8: Uint8Array = new Uint8Array(0);
  i8: Int8Array = new Int8Array(0);
  u16: Uint16Array = new Uint16Array(0);
  i16: Int16Array = new Int16Array(0);
  i32: Int32Array = new Int32Array(0);
  u32: Uint32Array = new Uint32Array(0);
  f32: Float32Array = new Float32Array(0);
  f64: Float64Array = new Float64Array(0);

  readonly #large = new LargeHeap(HEAP_START);
  readonly #small: SmallPages;
  #liveBytes = 0;
  #liveBlocks = 0;
  #peakBytes = 0;

  constructor({ shared, limit = MOST_PAGES * WASM_PAGE }: WasmMemoryOptions) {
    const maximum = Math.min(MOST_PAGES, Math.max(1, Math.floor(limit / WASM_PAGE)));
    const initial = Math.min(INITIAL_PAGES, maximum);
    this.type = { shared, initial: 0, maximum };
    this.limit = maximum * WASM_PAGE;
    this.memory = new WebAssembly.Memory({ initial, maximum, shared });
    this.#small = new SmallPages(
      () => this.#allocateLarge(SMALL_PAGE_BYTES, SMALL_PAGE_BYTES, SMALL_PAGE_BYTES),
      (start) => this.#large.release(start),
    );
    this.#adoptBuffer();
  }

  /**
   * Address of a new block of at least `bytes` bytes, whose contents are arbitrary. Zero bytes are allowed and give a
   * block of their own.
   *
   * @throws OutOfMemoryError if neither a free block nor growing the memory can serve the request
   */
  allocate(bytes: number): number {
    if (!(bytes >= 0) || !Number.isInteger(bytes)) {
      throw new ValueError(`allocate: expected a whole number of bytes, got ${bytes}`);
    }
    let pointer: number;
    if (bytes <= SMALL_LIMIT) {
      pointer = this.#small.allocate(bytes);
      this.#liveBytes += SmallPages.blockSize(bytes);
    } else {
      const size = alignUp(bytes, LARGE_ALIGNMENT);
      pointer = this.#allocateLarge(size, LARGE_ALIGNMENT, bytes);
      this.#liveBytes += size;
    }
    this.#liveBlocks++;
    if (this.#liveBytes > this.#peakBytes) this.#peakBytes = this.#liveBytes;
    return pointer;
  }

  /**
   * Gives a block back.
   *
   * @throws ValueError if `pointer` is not the start of a live block
   */
  free(pointer: number): void {
    let size = this.#small.release(pointer);
    if (size === 0 && !this.#small.owns(pointer)) {
      size = this.#large.sizeOf(pointer);
      if (size !== 0) this.#large.release(pointer);
    }
    if (size === 0) {
      throw new ValueError(`free: ${pointer} is not the start of a live block; was it freed twice?`);
    }
    this.#liveBytes -= size;
    this.#liveBlocks--;
  }

  /** Length of the live block at `pointer` with its padding; 0 if there is none. */
  sizeOf(pointer: number): number {
    return this.#small.owns(pointer) ? this.#small.sizeOf(pointer) : this.#large.sizeOf(pointer);
  }

  /** Returns pages kept for small blocks to the common heap, where blocks of any size can have them. */
  trim(): void {
    this.#small.trim();
  }

  /** Free stretches of the heap, in order of address. */
  freeBlocks(): { start: number; size: number }[] {
    return this.#large.freeBlocks();
  }

  /** What is live now and what was at most. */
  statistics(): MemoryStatistics {
    return {
      liveBytes: this.#liveBytes,
      liveBlocks: this.#liveBlocks,
      peakBytes: this.#peakBytes,
      reservedBytes: this.u8.byteLength,
      limit: this.limit,
    };
  }

  #allocateLarge(size: number, alignment: number, asked: number): number {
    let pointer = this.#large.allocate(size, alignment);
    if (pointer >= 0) return pointer;
    this.#small.trim();
    pointer = this.#large.allocate(size, alignment);
    if (pointer >= 0) return pointer;
    this.#grow(size, alignment);
    pointer = this.#large.allocate(size, alignment);
    if (pointer < 0) throw this.#outOfMemory(asked);
    return pointer;
  }

  /** Grows the memory so that a block fits at its end; leaves it as it is if the limit or the system forbids that. */
  #grow(size: number, alignment: number): void {
    const reserved = this.u8.byteLength;
    const start = alignUp(this.#large.end - this.#large.freeAtEnd(), alignment);
    const needed = alignUp(start + size + GUARD_BYTES, WASM_PAGE) - reserved;
    if (needed <= 0 || reserved + needed > this.limit) return;
    const wanted = Math.min(Math.max(needed, Math.min(reserved, MOST_GROWTH)), this.limit - reserved);
    if (this.#growBy(wanted) || (wanted > needed && this.#growBy(needed))) this.#adoptBuffer();
  }

  #growBy(bytes: number): boolean {
    try {
      this.memory.grow(bytes / WASM_PAGE);
      return true;
    } catch {
      return false; // the system has no more; the caller reports it
    }
  }

  #adoptBuffer(): void {
    const { buffer } = this.memory;
    this.u8 = new Uint8Array(buffer);
    this.i8 = new Int8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.i16 = new Int16Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.#large.extend(buffer.byteLength - GUARD_BYTES);
  }

  #outOfMemory(asked: number): OutOfMemoryError {
    return new OutOfMemoryError(
      `cannot allocate ${formatBytes(asked)}: ${formatBytes(this.#liveBytes)} are live in ${this.#liveBlocks} blocks, ` +
        `${formatBytes(this.u8.byteLength)} are reserved of at most ${formatBytes(this.limit)}, and the largest free ` +
        `block has ${formatBytes(this.#large.largestFree())}. Free arrays that are no longer needed (run steps in ` +
        "scope(), use `using` or dispose()), or work on smaller batches.",
    );
  }
}

function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const power = Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(1)} ${["", "KiB", "MiB", "GiB"][power]}`;
}
