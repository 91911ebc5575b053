import type { NdArray } from "../../../ndarray.js";
import type { ConvolutionEpilogue, ConvolutionGeometry } from "../../../routines.js";
import { sizeOf } from "../../../shape.js";
import { lanesOf } from "../matmul/lanes.js";
import { PACK_ARGUMENTS, packKernel } from "../matmul/pack-kernel.js";
import { PACK_NANOSECONDS } from "../matmul/packing.js";
import { roundUp } from "../matmul/tasks.js";
import type { CpuRuntime } from "../runtime.js";
import type { WasmKernel } from "../wasm-kernel.js";
import { probeRelaxedSimd } from "../wasm/assembler.js";
import { FRAME_ARGUMENTS, frameKernel } from "./frame-kernel.js";
import { GATHER_ARGUMENTS, GATHER_FLAGS, gatherKernel, panelLanes, TILE_ROWS } from "./gather-kernel.js";
import { addressOf, exchangedWeights, writeArguments } from "./operands.js";
import { PixelConvolutions } from "./pixels.js";
import { PlanCache } from "./plan-cache.js";
import { Scratch } from "./scratch.js";
import { framingOf, keyOf, tablesOf, type Framing, type Tables } from "./tables.js";
import { phasesOf, windowsOf, type Frame, type Taps } from "./windows.js";

const BYTES = 4;
/** Elements of framed images, and of what is packed with them, that are made at a time: they shall stay in a cache. */
const CHUNK_ELEMENTS = 2 ** 18;
/** Tasks that a product is cut into, if it is large enough. */
const TASKS_WANTED = 16;
/** Tasks are not made smaller than this, in multiply-adds. */
const TASK_WORK = 2 ** 16;
/** How long a multiply-add takes. */
const MULTIPLY_NANOSECONDS = 0.037;
/** How long it takes to copy an element into a frame. */
const COPY_NANOSECONDS = 0.2;

/** Matrices that have been packed: panels of `k` steps each. */
interface Panels {
  readonly address: number;
  readonly matrixBytes: number;
}

/** Images, in a frame or not, that are worked on at a time. */
interface Chunk {
  readonly address: number;
  readonly first: number;
  readonly images: number;
}

/** Convolutions of contiguous float32 arrays on one runtime. */
export class ConvolutionEngine {
  readonly #runtime: CpuRuntime;
  readonly #width: number;
  readonly #gather: WasmKernel;
  readonly #frame: WasmKernel;
  readonly #pack: WasmKernel;
  readonly #pixels: PixelConvolutions;
  readonly #windows: PlanCache<{ framing: Framing; tables: Tables; order: number }>;
  readonly #phases: PlanCache<{ framing: Framing; phases: readonly { taps: Taps; tables: Tables }[] }>;

  constructor(runtime: CpuRuntime) {
    const lanes = lanesOf("float32", probeRelaxedSimd());
    const { type } = runtime.memory;
    this.#runtime = runtime;
    this.#pixels = new PixelConvolutions(runtime);
    this.#windows = new PlanCache(runtime);
    this.#phases = new PlanCache(runtime);
    this.#width = panelLanes(lanes);
    this.#gather = runtime.loadKernel(gatherKernel(type, lanes), "convolution");
    this.#frame = runtime.loadKernel(frameKernel(type), "convolution frame");
    this.#pack = runtime.loadKernel(packKernel(type, lanes, this.#width, this.#width), "convolution pack");
  }

  /** `Routines.convolution`. */
  convolution(
    x: NdArray,
    w: NdArray,
    out: NdArray,
    geometry: ConvolutionGeometry,
    epilogue: ConvolutionEpilogue,
  ): void {
    if (this.#pixels.convolution(x, w, out, geometry, epilogue)) return;
    const { groups } = geometry;
    const { framing, tables } = this.#windowsOf(x, w, out, geometry);
    this.#withScratch((scratch) => {
      const panels = this.#packed(scratch, addressOf(w), (w.shape[0] as number) / groups, tables.k, groups);
      this.#inChunks(scratch, x, framing, 0, (chunk) => {
        this.#convolve(chunk, x, framing.frame, tables, panels, out, groups, epilogue);
      });
    });
  }

  /** `Routines.convolutionGradInput`. */
  convolutionGradInput(gy: NdArray, w: NdArray, gx: NdArray, geometry: ConvolutionGeometry): void {
    if (this.#pixels.convolutionGradInput(gy, w, gx, geometry)) return;
    const [outputs, inner, ...kernel] = w.shape as [number, number, ...number[]];
    const { groups } = geometry;
    const [input, out] = [gx.shape.slice(2), gy.shape.slice(2)];
    const { framing, phases } = this.#phases.get(keyOf(gx, w, gy, geometry), (memory) => {
      const made = phasesOf(input, kernel, out, outputs / groups, geometry);
      return {
        framing: framingOf(memory, made.frame, out),
        phases: made.phases.map(({ taps, gather }) => ({ taps, tables: tablesOf(memory, gather) })),
      };
    });
    this.#withScratch((scratch) => {
      const prepared = phases.map(({ taps, tables }) => {
        const exchanged = exchangedWeights(w, groups, taps);
        const panels = this.#packed(scratch, addressOf(exchanged), inner, tables.k, groups);
        exchanged.dispose();
        return { tables, panels };
      });
      this.#inChunks(scratch, gy, framing, 0, (chunk) => {
        for (const { tables, panels } of prepared) {
          this.#convolve(chunk, gy, framing.frame, tables, panels, gx, groups, plain);
        }
      });
    });
  }

  /** `Routines.convolutionGradWeight`. */
  convolutionGradWeight(x: NdArray, gy: NdArray, gw: NdArray, geometry: ConvolutionGeometry): void {
    if (this.#pixels.convolutionGradWeight(x, gy, gw, geometry)) return;
    const channels = x.shape[1] as number;
    const [outputs, inner] = gw.shape as [number, number];
    const { groups } = geometry;
    const lanes = outputs / groups;
    const { framing, tables, order } = this.#windowsOf(x, gw, gy, geometry);
    // Elements of the kernel take the place of positions, and positions that of elements.
    const { m: positions, k: elements } = tables;
    const channelBytes = framing.frame.channel * BYTES;
    const panelCount = Math.ceil(lanes / this.#width);
    this.#withScratch((scratch) => {
      const packedElements = groups * panelCount * this.#width * positions;
      this.#inChunks(scratch, x, framing, packedElements, ({ address, first, images }) => {
        const own = new Scratch(this.#runtime);
        const source = addressOf(gy) + first * outputs * positions * BYTES;
        const panels = this.#packed(own, source, lanes, positions, images * groups);
        const { rowBlock, rowTasks } = cutRows(elements, groups * panelCount, this.#width * positions * images);
        this.#multiply(panelCount, {
          rows: tables.columns,
          columns: tables.rows,
          outs: order,
          m: elements,
          k: positions,
          rowBlock,
          rowTasks,
          groups,
          images,
          flags: first > 0 ? GATHER_FLAGS.accumulate : 0,
          x: address,
          xOuter: 0,
          xGroup: inner * channelBytes,
          xImage: channels * channelBytes,
          panels: panels.address,
          panelsOuter: this.#width * positions * BYTES,
          panelsGroup: panels.matrixBytes,
          panelsImage: groups * panels.matrixBytes,
          out: addressOf(gw),
          outOuter: this.#width * elements * BYTES,
          outGroup: lanes * elements * BYTES,
          outLane: elements * BYTES,
          lanes,
          laneBlock: this.#width,
          outerLanes: this.#width,
          bias: 0,
          biasGroup: 0,
        });
        own.free();
      });
    });
  }

  /** Windows of a convolution of `x` with `w` that gives `out`, or of its gradient. */
  #windowsOf(
    x: NdArray,
    w: NdArray,
    out: NdArray,
    geometry: ConvolutionGeometry,
  ): { framing: Framing; tables: Tables; order: number } {
    return this.#windows.get(keyOf(x, w, out, geometry), (memory) => {
      const [, inner, ...kernel] = w.shape as [number, number, ...number[]];
      const input = x.shape.slice(2);
      const { frame, gather } = windowsOf(input, kernel, out.shape.slice(2), inner, geometry);
      return {
        framing: framingOf(memory, frame, input),
        tables: tablesOf(memory, gather),
        order: memory.table(gather.columns.map((_, i) => i)),
      };
    });
  }

  /** Convolves the images of a chunk of `x` into those of `out`. */
  #convolve(
    { address, first, images }: Chunk,
    x: NdArray,
    frame: Frame,
    tables: Tables,
    panels: Panels,
    out: NdArray,
    groups: number,
    { bias, activation }: ConvolutionEpilogue,
  ): void {
    const channels = x.shape[1] as number;
    const outputs = out.shape[1] as number;
    const lanes = outputs / groups;
    const size = sizeOf(out.shape.slice(2));
    const { rowBlock, rowTasks } = cutRows(tables.m, images * groups, lanes * tables.k);
    this.#multiply(images, {
      rows: tables.rows,
      columns: tables.columns,
      outs: tables.outs,
      m: tables.m,
      k: tables.k,
      rowBlock,
      rowTasks,
      groups,
      images: 1,
      flags: activation === "relu" ? GATHER_FLAGS.relu : 0,
      x: address,
      xOuter: channels * frame.channel * BYTES,
      xGroup: (channels / groups) * frame.channel * BYTES,
      xImage: 0,
      panels: panels.address,
      panelsOuter: 0,
      panelsGroup: panels.matrixBytes,
      panelsImage: 0,
      out: addressOf(out) + first * outputs * size * BYTES,
      outOuter: outputs * size * BYTES,
      outGroup: lanes * size * BYTES,
      outLane: size * BYTES,
      lanes,
      laneBlock: lanes,
      outerLanes: 0,
      bias: bias === null ? 0 : addressOf(bias),
      biasGroup: lanes * BYTES,
    });
  }

  /** Calls `work` for some images at a time, which lie in a frame if they need one. */
  #inChunks(scratch: Scratch, x: NdArray, framing: Framing, more: number, work: (chunk: Chunk) => void): void {
    const [batch, channels] = x.shape as [number, number];
    const { frame, sources, rowsPerChannel, left, width, right } = framing;
    const framedElements = frame.before === null ? 0 : channels * frame.channel;
    const most = Math.max(1, Math.floor(CHUNK_ELEMENTS / Math.max(1, framedElements + more)));
    const images = Math.min(batch, most);
    const framed = scratch.allocate(framedElements * images * BYTES);
    const imageBytes = (x.size / batch) * BYTES;
    for (let first = 0; first < batch; first += images) {
      const count = Math.min(images, batch - first);
      const source = addressOf(x) + first * imageBytes;
      if (framedElements > 0) {
        const args = writeArguments(this.#runtime, FRAME_ARGUMENTS, {
          x: source,
          channelBytes: imageBytes / channels,
          framed,
          framedBytes: frame.channel * BYTES,
          sources,
          rowsPerChannel,
          left,
          width,
          right,
        });
        this.#runtime.parallelFor(this.#frame, args, count * channels, frame.channel * COPY_NANOSECONDS);
      }
      work({ address: framedElements > 0 ? framed : source, first, images: count });
    }
  }

  /** Packs matrices of `lanes` rows of `k` contiguous elements each. */
  #packed(scratch: Scratch, source: number, lanes: number, k: number, matrices: number): Panels {
    const panels = Math.ceil(lanes / this.#width);
    const matrixBytes = panels * this.#width * k * BYTES;
    const address = scratch.allocate(matrixBytes * matrices);
    const args = writeArguments(this.#runtime, PACK_ARGUMENTS, {
      k,
      a: source,
      aRow: k * BYTES,
      aColumn: BYTES,
      aBatch: lanes * k * BYTES,
      aLanes: lanes,
      aPanels: panels,
      aTasks: panels * matrices,
      aPacked: address,
      b: 0,
      bRow: 0,
      bColumn: 0,
      bBatch: 0,
      bLanes: 0,
      bPanels: 1,
      bPacked: 0,
    });
    this.#runtime.parallelFor(this.#pack, args, panels * matrices, this.#width * k * PACK_NANOSECONDS);
    return { address, matrixBytes };
  }

  /** Runs the gather kernel on all row blocks of all groups of `outer` images or panels. */
  #multiply(outer: number, values: Readonly<Record<keyof typeof GATHER_ARGUMENTS, number>>): void {
    const { rowTasks, rowBlock, groups, images, laneBlock, k } = values;
    const work = rowBlock * images * laneBlock * (k + 4);
    const args = writeArguments(this.#runtime, GATHER_ARGUMENTS, values);
    this.#runtime.parallelFor(this.#gather, args, rowTasks * groups * outer, work * MULTIPLY_NANOSECONDS);
  }

  #withScratch(work: (scratch: Scratch) => void): void {
    const scratch = new Scratch(this.#runtime);
    try {
      work(scratch);
    } finally {
      scratch.free();
    }
  }
}

const plain: ConvolutionEpilogue = { bias: null, activation: "none" };

/** Cuts `m` rows, beside which there are `others` tasks, into blocks that are neither few nor tiny. */
function cutRows(m: number, others: number, workPerRow: number): { rowBlock: number; rowTasks: number } {
  const wanted = Math.min(TASKS_WANTED / others, (m * workPerRow) / TASK_WORK);
  const rowBlock = roundUp(Math.ceil(m / Math.max(1, wanted)), TILE_ROWS);
  return { rowBlock, rowTasks: Math.ceil(m / rowBlock) };
}
