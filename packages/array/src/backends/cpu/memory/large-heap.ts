/** Every large block starts at a multiple of this many bytes and is a multiple of it long. */
export const LARGE_ALIGNMENT = 64;

/** A large block is longer than this, so that no two start in the same unit of `UNIT` bytes. */
const UNIT_SHIFT = 12;
const BINS = 192;
/** How many blocks of the request's own bin are tried before a larger bin is taken. */
const BIN_SCAN = 16;

/** A stretch of the heap, used or free. The blocks of a heap form one list in order of address, without gaps. */
interface Block {
  start: number;
  size: number;
  free: boolean;
  previous: Block | undefined;
  next: Block | undefined;
  previousFree: Block | undefined;
  nextFree: Block | undefined;
}

/**
 * Blocks of many kilobytes: free ones are kept in bins of similar size (eight to a power of two), a request takes the
 * tightest of the first few that fit in its own bin or any of the next bin, and neighbours that are free are merged at
 * once. The free block at the end is taken last of all: pages that were never touched cost nothing. What is known about a block is kept outside the memory it describes, so that a stray write cannot destroy it.
 */
export class LargeHeap {
  readonly #bins: (Block | undefined)[] = Array.from({ length: BINS }, () => undefined);
  /** Bit `b % 32` of word `b / 32` is set where bin `b` has a block. */
  readonly #occupied = new Int32Array(BINS / 32);
  /** The used block that starts in each unit of the address space. */
  readonly #starts: (Block | undefined)[] = [];
  #last: Block | undefined;
  #end: number;

  /** A heap that begins, empty, at address `start`. */
  constructor(start: number) {
    this.#end = start;
    this.#coverStarts();
  }

  /** Where the heap ends. */
  get end(): number {
    return this.#end;
  }

  /** Adds the addresses from `end` up to `newEnd`. */
  extend(newEnd: number): void {
    const size = newEnd - this.#end;
    if (size <= 0) return;
    const last = this.#last;
    if (last?.free === true) {
      this.#unlinkFree(last);
      last.size += size;
      this.#linkFree(last);
    } else {
      const block = makeBlock(this.#end, size, last, undefined);
      if (last !== undefined) last.next = block;
      this.#last = block;
      this.#linkFree(block);
    }
    this.#end = newEnd;
    this.#coverStarts();
  }

  /** Address of a block of `size` bytes at a multiple of `alignment`, both multiples of 64; -1 if none is free. */
  allocate(size: number, alignment = LARGE_ALIGNMENT): number {
    const found = this.#find(size, alignment);
    if (found === undefined) return -1;
    this.#unlinkFree(found);
    let block = found;
    const lead = alignUp(block.start, alignment) - block.start;
    if (lead > 0) {
      const rest = this.#split(block, lead);
      this.#linkFree(block);
      block = rest;
    }
    if (block.size > size) this.#linkFree(this.#split(block, size));
    block.free = false;
    this.#starts[block.start >>> UNIT_SHIFT] = block;
    return block.start;
  }

  /** Size of the used block that starts at `address`; 0 if there is none. */
  sizeOf(address: number): number {
    const block = this.#starts[address >>> UNIT_SHIFT];
    return block?.start === address ? block.size : 0;
  }

  /** Gives back the block that starts at `address`, for which `sizeOf` is not 0. */
  release(address: number): void {
    let block = this.#starts[address >>> UNIT_SHIFT];
    if (block?.start !== address) return;
    this.#starts[address >>> UNIT_SHIFT] = undefined;
    const { previous, next } = block;
    if (next?.free === true) {
      this.#unlinkFree(next);
      this.#absorbNext(block);
    }
    if (previous?.free === true) {
      this.#unlinkFree(previous);
      this.#absorbNext(previous);
      block = previous;
    }
    this.#linkFree(block);
  }

  /** Free blocks in order of address. */
  freeBlocks(): { start: number; size: number }[] {
    const blocks: { start: number; size: number }[] = [];
    for (let block = this.#last; block !== undefined; block = block.previous) {
      if (block.free) blocks.push({ start: block.start, size: block.size });
    }
    return blocks.reverse();
  }

  /** Size of the largest free block. */
  largestFree(): number {
    return this.freeBlocks().reduce((most, { size }) => Math.max(most, size), 0);
  }

  /** How much of the free block at the end of the heap, if there is one, could serve a request. */
  freeAtEnd(): number {
    return this.#last?.free === true ? this.#last.size : 0;
  }

  #find(size: number, alignment: number): Block | undefined {
    const inside = this.#findInside(size, alignment);
    if (inside !== undefined) return inside;
    const last = this.#last;
    return last?.free === true && fits(last, size, alignment) ? last : undefined;
  }

  /** The same, without the free block at the end. */
  #findInside(size: number, alignment: number): Block | undefined {
    const suits = (block: Block): boolean => block !== this.#last && fits(block, size, alignment);
    const first = binOf(size);
    let best: Block | undefined;
    let scanned = 0;
    for (let block = this.#bins[first]; block !== undefined && scanned < BIN_SCAN; block = block.nextFree, scanned++) {
      if (suits(block) && (best === undefined || block.size < best.size)) best = block;
      if (best?.size === size) return best;
    }
    if (best !== undefined) return best;
    for (let bin = this.#nextOccupied(first + 1); bin < BINS; bin = this.#nextOccupied(bin + 1)) {
      for (let block = this.#bins[bin]; block !== undefined; block = block.nextFree) {
        if (suits(block)) return block;
      }
    }
    // What the short scan of the request's own bin left out.
    for (let block = this.#bins[first]; block !== undefined; block = block.nextFree) {
      if (suits(block)) return block;
    }
    return undefined;
  }

  #nextOccupied(from: number): number {
    for (let word = from >>> 5; word < this.#occupied.length; word++) {
      let bits = this.#occupied[word] ?? 0;
      if (word === from >>> 5) bits &= -1 << (from & 31);
      if (bits !== 0) return word * 32 + 31 - Math.clz32(bits & -bits);
    }
    return BINS;
  }

  /** Cuts `block` after `size` bytes and returns the rest, which is in no bin yet. */
  #split(block: Block, size: number): Block {
    const rest = makeBlock(block.start + size, block.size - size, block, block.next);
    if (block.next === undefined) this.#last = rest;
    else block.next.previous = rest;
    block.next = rest;
    block.size = size;
    return rest;
  }

  #absorbNext(block: Block): void {
    const { next } = block;
    if (next === undefined) return;
    block.size += next.size;
    block.next = next.next;
    if (next.next === undefined) this.#last = block;
    else next.next.previous = block;
  }

  #linkFree(block: Block): void {
    const bin = binOf(block.size);
    const head = this.#bins[bin];
    block.free = true;
    block.previousFree = undefined;
    block.nextFree = head;
    if (head !== undefined) head.previousFree = block;
    this.#bins[bin] = block;
    this.#occupied[bin >>> 5] = (this.#occupied[bin >>> 5] ?? 0) | (1 << (bin & 31));
  }

  #unlinkFree(block: Block): void {
    const bin = binOf(block.size);
    if (block.previousFree !== undefined) {
      block.previousFree.nextFree = block.nextFree;
    } else {
      this.#bins[bin] = block.nextFree;
      if (block.nextFree === undefined) {
        this.#occupied[bin >>> 5] = (this.#occupied[bin >>> 5] ?? 0) & ~(1 << (bin & 31));
      }
    }
    if (block.nextFree !== undefined) block.nextFree.previousFree = block.previousFree;
    block.previousFree = undefined;
    block.nextFree = undefined;
  }

  #coverStarts(): void {
    // Appending keeps the array dense; a far index would turn it into a hash table.
    while (this.#starts.length <= this.#end >>> UNIT_SHIFT) this.#starts.push(undefined);
  }
}

function makeBlock(start: number, size: number, previous: Block | undefined, next: Block | undefined): Block {
  return { start, size, free: false, previous, next, previousFree: undefined, nextFree: undefined };
}

function fits(block: Block, size: number, alignment: number): boolean {
  return alignUp(block.start, alignment) + size <= block.start + block.size;
}

/** The next multiple of `alignment`, a power of two below 2^32, at or above `value`, which may exceed 2^31. */
export function alignUp(value: number, alignment: number): number {
  const excess = value % alignment;
  return excess === 0 ? value : value + alignment - excess;
}

/** Bin of a size: one for each multiple of 64 up to 448, then eight to a power of two. */
function binOf(size: number): number {
  const units = Math.floor(size / LARGE_ALIGNMENT);
  if (units < 8) return units;
  const log = 31 - Math.clz32(units);
  return (log - 2) * 8 + ((units >>> (log - 3)) & 7);
}
