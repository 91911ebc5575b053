/** Small blocks live in pages of this size, at multiples of it. */
export const PAGE_BYTES = 65536;
/** Longest small block. */
export const SMALL_LIMIT = 8192;

const PAGE_SHIFT = 16;
const GRANULE_SHIFT = 4;
const USED = 0xffff;
const NONE = 0xfffe;

/** Block sizes: multiples of 16 up to 64, then multiples of 64, four to a power of two. */
const BLOCK_SIZES: readonly number[] = [16, 32, 48, 64, 128, 192, ...steps(256)];

function steps(from: number): number[] {
  if (from >= SMALL_LIMIT) return [SMALL_LIMIT];
  return [from, from * 1.25, from * 1.5, from * 1.75, ...steps(2 * from)];
}

/** Class of a size, indexed by size / 16 rounded up. */
const CLASS_OF = Uint8Array.from({ length: (SMALL_LIMIT >>> GRANULE_SHIFT) + 1 }, (_, granules) =>
  BLOCK_SIZES.findIndex((size) => size >= granules << GRANULE_SHIFT),
);

/** A page of equal blocks. */
class Page {
  live = 0;
  /** First block of the list of blocks that were freed, or `NONE`. */
  freed = NONE;
  /** Blocks from here on were never used. */
  fresh = 0;
  previous: Page | undefined;
  next: Page | undefined;
  listed = false;
  readonly capacity: number;
  /** For a block in use `USED`, for a freed one the next in the list. */
  readonly links: Uint16Array;

  constructor(
    readonly start: number,
    readonly sizeClass: number,
    readonly blockSize: number,
  ) {
    this.capacity = Math.floor(PAGE_BYTES / blockSize);
    this.links = new Uint16Array(this.capacity).fill(NONE);
  }
}

/**
 * Blocks of up to 8 KiB: pages of equal blocks, each with its own list of free ones, so that allocating and freeing are a
 * handful of array accesses, and a page without live blocks goes back to where pages come from.
 */
export class SmallPages {
  /** For each size class, the pages that have a free block. */
  readonly #available: (Page | undefined)[] = BLOCK_SIZES.map(() => undefined);
  /** The page, if it is one of these, at each multiple of `PAGE_BYTES`. */
  readonly #pages: (Page | undefined)[] = [];
  readonly #takePage: () => number;
  readonly #givePage: (start: number) => void;

  /**
   * @param takePage - address of a new page, a multiple of `PAGE_BYTES`
   * @param givePage - takes a page back
   */
  constructor(takePage: () => number, givePage: (start: number) => void) {
    this.#takePage = takePage;
    this.#givePage = givePage;
  }

  /** Length of the block that a request for `bytes`, at most `SMALL_LIMIT`, gets. */
  static blockSize(bytes: number): number {
    return BLOCK_SIZES[CLASS_OF[(bytes + 15) >>> GRANULE_SHIFT] ?? 0] ?? 0;
  }

  /** Address of a block for `bytes`, at most `SMALL_LIMIT`. */
  allocate(bytes: number): number {
    const sizeClass = CLASS_OF[(bytes + 15) >>> GRANULE_SHIFT] ?? 0;
    const page = this.#available[sizeClass] ?? this.#addPage(sizeClass);
    let index = page.freed;
    if (index === NONE) index = page.fresh++;
    else page.freed = page.links[index] ?? NONE;
    page.links[index] = USED;
    if (++page.live === page.capacity) this.#unlist(page);
    return page.start + index * page.blockSize;
  }

  /** Whether `address` lies in a page of small blocks. */
  owns(address: number): boolean {
    return this.#pages[address >>> PAGE_SHIFT] !== undefined;
  }

  /** Length of the block in use at `address`; 0 if there is none. */
  sizeOf(address: number): number {
    const page = this.#pages[address >>> PAGE_SHIFT];
    if (page === undefined) return 0;
    const offset = address - page.start;
    const index = (offset / page.blockSize) | 0;
    return index * page.blockSize === offset && page.links[index] === USED ? page.blockSize : 0;
  }

  /** Frees the block in use at `address`; returns its length, 0 if there is none. */
  release(address: number): number {
    const page = this.#pages[address >>> PAGE_SHIFT];
    if (page === undefined) return 0;
    const { blockSize, links } = page;
    const offset = address - page.start;
    const index = (offset / blockSize) | 0;
    if (index * blockSize !== offset || links[index] !== USED) return 0;
    links[index] = page.freed;
    page.freed = index;
    if (!page.listed) this.#list(page);
    if (--page.live === 0 && (page.next !== undefined || page.previous !== undefined)) this.#removePage(page);
    return blockSize;
  }

  /** Gives back the one empty page that each class keeps for the next request. */
  trim(): void {
    for (const head of this.#available) if (head?.live === 0) this.#removePage(head);
  }

  #addPage(sizeClass: number): Page {
    const start = this.#takePage();
    const page = new Page(start, sizeClass, BLOCK_SIZES[sizeClass] ?? 0);
    const at = start >>> PAGE_SHIFT;
    while (this.#pages.length <= at) this.#pages.push(undefined);
    this.#pages[at] = page;
    this.#list(page);
    return page;
  }

  #removePage(page: Page): void {
    this.#unlist(page);
    this.#pages[page.start >>> PAGE_SHIFT] = undefined;
    this.#givePage(page.start);
  }

  #list(page: Page): void {
    const head = this.#available[page.sizeClass];
    page.next = head;
    page.previous = undefined;
    if (head !== undefined) head.previous = page;
    this.#available[page.sizeClass] = page;
    page.listed = true;
  }

  #unlist(page: Page): void {
    if (page.previous === undefined) this.#available[page.sizeClass] = page.next;
    else page.previous.next = page.next;
    if (page.next !== undefined) page.next.previous = page.previous;
    page.previous = undefined;
    page.next = undefined;
    page.listed = false;
  }
}
