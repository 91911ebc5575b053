import type { NdArray } from "../../../ndarray.js";
import type { WindowGeometry } from "../../../routines.js";
import { sizeOf } from "../../../shape.js";
import { addressOf, writeArguments } from "../convolution/operands.js";
import { PlanCache } from "../convolution/plan-cache.js";
import { Scratch } from "../convolution/scratch.js";
import { framingOf, tablesOf, type Framing, type Tables } from "../convolution/tables.js";
import { VECTOR, vectorsOf, type Spacing, type Vectors } from "../convolution/vectors.js";
import { windowsOf } from "../convolution/windows.js";
import { roundUp } from "../matmul/tasks.js";
import type { CpuRuntime } from "../runtime.js";
import type { WasmKernel } from "../wasm-kernel.js";
import { insideOf } from "./inside.js";
import { MAXIMA_ARGUMENTS, maximaKernel, TILE_WINDOWS } from "./maxima-kernel.js";
import { SCATTER_ARGUMENTS, scatterKernel } from "./scatter-kernel.js";

const BYTES = 4;
/** Work of a range at least, in comparisons. */
const TASK_WORK = 2 ** 15;
/** How long a comparison takes. */
const COMPARISON_NANOSECONDS = 0.1;
/** How long it takes to add a number at its place. */
const ADDITION_NANOSECONDS = 0.8;
/** Elements of a window up to which all are compared at once; of larger ones, one axis after the other is faster. */
const MOST_PLACES = 25;
/** Ranges that channels are divided into at most; each has a frame. */
const MOST_RANGES = 64;

interface Plan {
  readonly framing: Framing;
  readonly vectors: Vectors;
}

/** Where places in windows are in a channel. */
interface Places {
  readonly tables: Tables;
  /** Address of a table from elements of the frame to those of the channel; 0 if there is no frame. */
  readonly inside: number;
}

/** Pooling of contiguous float32 arrays on one runtime. */
export class PoolingEngine {
  readonly #runtime: CpuRuntime;
  readonly #plans: PlanCache<Plan | null>;
  readonly #places: PlanCache<Places>;
  #scatter: WasmKernel | null = null;
  readonly #kernels = new Map<Spacing, WasmKernel>();

  constructor(runtime: CpuRuntime) {
    this.#runtime = runtime;
    this.#plans = new PlanCache(runtime);
    this.#places = new PlanCache(runtime);
  }

  /** `PoolingRoutines.windowMaxima`. */
  windowMaxima(x: NdArray, y: NdArray, places: NdArray, { size, stride, pad }: WindowGeometry): boolean {
    if (sizeOf(size) > MOST_PLACES) return false;
    const [input, out] = [x.shape.slice(2), y.shape.slice(2)];
    const plan = this.#plans.get([input, out, size, stride, pad].join(" "), (memory) => {
      const geometry = { stride, pad, dilate: size.map(() => 1), groups: 1 };
      const { frame, gather } = windowsOf(input, size, out, 1, geometry);
      const vectors = vectorsOf(memory, gather, out.at(-1) ?? 1, TILE_WINDOWS);
      return vectors === null ? null : { framing: framingOf(memory, frame, input), vectors };
    });
    if (plan === null) return false;
    const { framing, vectors } = plan;
    const { frame, sources, rowsPerChannel, left, width, right } = framing;
    const channels = (x.shape[0] as number) * (x.shape[1] as number);
    const work = vectors.vectors * VECTOR * vectors.k;
    const grain = Math.max(1, Math.ceil(TASK_WORK / work), Math.ceil(channels / MOST_RANGES));
    const scratch = new Scratch(this.#runtime);
    try {
      const framedBytes = frame.channel * BYTES;
      const args = writeArguments(this.#runtime, MAXIMA_ARGUMENTS, {
        x: addressOf(x),
        channelBytes: (x.size / channels) * BYTES,
        framed: frame.before === null ? 0 : scratch.allocate(framedBytes * Math.ceil(channels / grain)),
        framedBytes,
        grain,
        sources,
        rowsPerChannel,
        left,
        width,
        right,
        starts: vectors.starts,
        outs: vectors.outs,
        vectors: roundUp(vectors.vectors, TILE_WINDOWS),
        columns: vectors.columns,
        k: vectors.k,
        y: addressOf(y),
        places: addressOf(places),
        outChannel: (y.size / channels) * BYTES,
      });
      this.#runtime.parallelFor(this.#kernel(vectors.spacing), args, channels, work * COMPARISON_NANOSECONDS, grain);
    } finally {
      scratch.free();
    }
    return true;
  }

  /** `PoolingRoutines.putIntoWindows`. */
  putIntoWindows(gy: NdArray, places: NdArray, gx: NdArray, { size, stride, pad }: WindowGeometry): void {
    const [input, out] = [gx.shape.slice(2), gy.shape.slice(2)];
    const { tables, inside } = this.#places.get([input, out, size, stride, pad].join(" "), (memory) => {
      const geometry = { stride, pad, dilate: size.map(() => 1), groups: 1 };
      const { frame, gather } = windowsOf(input, size, out, 1, geometry);
      return {
        tables: tablesOf(memory, gather),
        inside: frame.before === null ? 0 : memory.table(insideOf(frame, input)),
      };
    });
    const channels = (gx.shape[0] as number) * (gx.shape[1] as number);
    const args = writeArguments(this.#runtime, SCATTER_ARGUMENTS, {
      gy: addressOf(gy),
      places: addressOf(places),
      count: tables.m,
      rows: tables.rows,
      columns: tables.columns,
      k: tables.k,
      inside,
      gx: addressOf(gx),
      channelBytes: (gx.size / channels) * BYTES,
    });
    this.#scatter ??= this.#runtime.loadKernel(scatterKernel(this.#runtime.memory.type), "put into windows");
    this.#runtime.parallelFor(this.#scatter, args, channels, tables.m * ADDITION_NANOSECONDS);
  }

  #kernel(spacing: Spacing): WasmKernel {
    let kernel = this.#kernels.get(spacing);
    if (kernel === undefined) {
      const { type } = this.#runtime.memory;
      kernel = this.#runtime.loadKernel(maximaKernel(type, spacing), `maxima of windows, ${spacing} apart`);
      this.#kernels.set(spacing, kernel);
    }
    return kernel;
  }
}
