import type { CpuRuntime } from "../runtime.js";
import type { WasmKernel } from "../wasm-kernel.js";
import type { Lanes } from "./lanes.js";
import { PACK_ARGUMENTS } from "./pack-kernel.js";
import type { NormalizedProblem } from "./problem.js";
import { roundUp } from "./tasks.js";
import type { TileShape } from "./tile-kernel.js";

/** Most elements that are packed at a time: 4 MiB of float32, so that they stay in a cache. */
const SCRATCH_ELEMENTS = 2 ** 20;
/** Most rows of A, and columns of B, that are packed at a time. */
const MOST_EXTENT = 2048;
/** Packed depths are multiples of the depth of a tile kernel's blocks, so that cutting k here changes no result. */
const DEPTH_STEP = 256;
/** How long it takes to pack an element. */
export const PACK_NANOSECONDS = 0.3;
const ARGUMENT_BYTES = 4 * Object.keys(PACK_ARGUMENTS).length;

/** How much of a problem is packed at a time. */
export interface PackedSteps {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly batch: number;
}

/** The largest steps whose packed operands fit into the scratch. */
export function packedSteps(p: NormalizedProblem, shape: TileShape): PackedSteps {
  const m = Math.min(p.m, MOST_EXTENT);
  const n = Math.min(p.n, MOST_EXTENT);
  const extent = roundUp(m, shape.rows) + roundUp(n, shape.columns);
  const depth = Math.floor(SCRATCH_ELEMENTS / extent / DEPTH_STEP) * DEPTH_STEP;
  const k = Math.min(Math.max(p.k, 1), Math.max(depth, DEPTH_STEP));
  const batch = Math.min(p.batch, Math.max(1, Math.floor(SCRATCH_ELEMENTS / (extent * k))));
  return { m, n, k, batch };
}

/** Room for packed operands, which grows to what was needed most and is kept. */
export class PackingScratch {
  readonly #runtime: CpuRuntime;
  #pointer = 0;
  #bytes = 0;

  constructor(runtime: CpuRuntime) {
    this.#runtime = runtime;
  }

  /** Packs the operands of `p`; returns the problem with the packed ones in their place. */
  pack(p: NormalizedProblem, kernel: WasmKernel, lanes: Lanes, shape: TileShape): NormalizedProblem {
    const { bytes } = lanes;
    const aPanels = Math.ceil(p.m / shape.rows);
    const bPanels = Math.ceil(p.n / shape.columns);
    // An operand that every matrix of the batch shares is packed once.
    const aCopies = p.aBatch === 0 ? 1 : p.batch;
    const bCopies = p.bBatch === 0 ? 1 : p.batch;
    const aElements = aPanels * shape.rows * p.k;
    const bElements = bPanels * shape.columns * p.k;
    const aPacked = this.#reserve((aElements * aCopies + bElements * bCopies) * bytes);
    const bPacked = aPacked + aElements * aCopies * bytes;
    const tasks = aPanels * aCopies + bPanels * bCopies;

    const args = this.#runtime.args.allocate(ARGUMENT_BYTES);
    const words = this.#runtime.memory.u32;
    const at = args >>> 2;
    words[at + PACK_ARGUMENTS.k] = p.k;
    words[at + PACK_ARGUMENTS.a] = p.a;
    words[at + PACK_ARGUMENTS.aRow] = p.aRow * bytes;
    words[at + PACK_ARGUMENTS.aColumn] = p.aColumn * bytes;
    words[at + PACK_ARGUMENTS.aBatch] = p.aBatch * bytes;
    words[at + PACK_ARGUMENTS.aLanes] = p.m;
    words[at + PACK_ARGUMENTS.aPanels] = aPanels;
    words[at + PACK_ARGUMENTS.aTasks] = aPanels * aCopies;
    words[at + PACK_ARGUMENTS.aPacked] = aPacked;
    words[at + PACK_ARGUMENTS.b] = p.b;
    words[at + PACK_ARGUMENTS.bRow] = p.bRow * bytes;
    words[at + PACK_ARGUMENTS.bColumn] = p.bColumn * bytes;
    words[at + PACK_ARGUMENTS.bBatch] = p.bBatch * bytes;
    words[at + PACK_ARGUMENTS.bLanes] = p.n;
    words[at + PACK_ARGUMENTS.bPanels] = bPanels;
    words[at + PACK_ARGUMENTS.bPacked] = bPacked;
    this.#runtime.parallelFor(kernel, args, tasks, shape.columns * p.k * PACK_NANOSECONDS);
    return {
      ...p,
      a: aPacked,
      aBatch: aCopies === 1 ? 0 : aElements,
      b: bPacked,
      bBatch: bCopies === 1 ? 0 : bElements,
    };
  }

  #reserve(bytes: number): number {
    if (bytes > this.#bytes) {
      const { memory } = this.#runtime;
      if (this.#bytes > 0) memory.free(this.#pointer);
      this.#bytes = 0;
      this.#pointer = memory.allocate(bytes);
      this.#bytes = bytes;
    }
    return this.#pointer;
  }
}
