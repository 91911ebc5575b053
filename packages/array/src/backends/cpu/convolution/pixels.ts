import type { NdArray } from "../../../ndarray.js";
import type { ConvolutionEpilogue, ConvolutionGeometry } from "../../../routines.js";
import { lanesOf } from "../matmul/lanes.js";
import { roundUp } from "../matmul/tasks.js";
import type { CpuRuntime } from "../runtime.js";
import type { WasmKernel } from "../wasm-kernel.js";
import { probeRelaxedSimd } from "../wasm/assembler.js";
import { addressOf, exchangedWeights, writeArguments } from "./operands.js";
import {
  PIXEL_ARGUMENTS,
  PIXEL_WEIGHT_ARGUMENTS,
  pixelKernel,
  pixelWeightKernel,
  TILE_VECTORS,
} from "./pixel-kernel.js";
import { PlanCache } from "./plan-cache.js";
import { Scratch } from "./scratch.js";
import { framingOf, keyOf, type Framing } from "./tables.js";
import { VECTOR, vectorsOf, type Spacing, type Vectors } from "./vectors.js";
import { phasesOf, windowsOf, type Taps } from "./windows.js";

const BYTES = 4;
/** Output channels of a group up to which vectors of pixels are faster than vectors of channels. */
const MOST_LANES = 4;
/** Work of a range at least, in multiply-adds. */
const TASK_WORK = 2 ** 16;
/** How long a multiply-add takes. */
const MULTIPLY_NANOSECONDS = 0.08;
/** Ranges that tasks are divided into at most; each has a frame. */
const MOST_RANGES = 64;

/** A convolution with some of the kernel's elements (null: all), for some of the positions. */
interface Part {
  readonly taps: Taps | null;
  readonly vectors: Vectors;
}

/** A convolution whose windows lie so that vectors of neighbours can be read, in one part or, if it is strided, several. */
interface Plan {
  readonly framing: Framing;
  readonly parts: readonly Part[];
}

/** Convolutions of contiguous float32 arrays whose groups have few channels: those of every channel by itself, most of all. */
export class PixelConvolutions {
  readonly #runtime: CpuRuntime;
  readonly #kernels = new Map<string, WasmKernel>();
  readonly #forward: PlanCache<Plan | null>;
  readonly #input: PlanCache<Plan | null>;

  constructor(runtime: CpuRuntime) {
    this.#runtime = runtime;
    this.#forward = new PlanCache(runtime);
    this.#input = new PlanCache(runtime);
  }

  /** `Routines.convolution`. */
  convolution(
    x: NdArray,
    w: NdArray,
    out: NdArray,
    geometry: ConvolutionGeometry,
    epilogue: ConvolutionEpilogue,
  ): boolean {
    if ((w.shape[0] as number) / geometry.groups > MOST_LANES) return false;
    const plan = this.#windowsOf(x, w, out, geometry);
    if (plan === null) return false;
    for (const { vectors } of plan.parts)
      this.#run(x, addressOf(w), out, geometry.groups, plan.framing, vectors, epilogue);
    return true;
  }

  /** `Routines.convolutionGradInput`. */
  convolutionGradInput(gy: NdArray, w: NdArray, gx: NdArray, geometry: ConvolutionGeometry): boolean {
    const [outputs, inner, ...kernel] = w.shape as [number, number, ...number[]];
    if (inner > MOST_LANES) return false;
    const { groups } = geometry;
    const plan = this.#input.get(keyOf(gx, w, gy, geometry), (memory) => {
      const [input, out] = [gx.shape.slice(2), gy.shape.slice(2)];
      const { frame, phases } = phasesOf(input, kernel, out, outputs / groups, geometry);
      const parts: Part[] = [];
      for (const { taps, gather, width } of phases) {
        const vectors = vectorsOf(memory, gather, width, TILE_VECTORS);
        if (vectors === null) return null;
        parts.push({ taps, vectors });
      }
      return { framing: framingOf(memory, frame, out), parts };
    });
    if (plan === null) return false;
    for (const { taps, vectors } of plan.parts) {
      const weights = taps === null ? w : exchangedWeights(w, groups, taps);
      this.#run(gy, addressOf(weights), gx, groups, plan.framing, vectors, { bias: null, activation: "none" });
      if (weights !== w) weights.dispose();
    }
    return true;
  }

  /** `Routines.convolutionGradWeight`. */
  convolutionGradWeight(x: NdArray, gy: NdArray, gw: NdArray, geometry: ConvolutionGeometry): boolean {
    const { groups } = geometry;
    const outputs = gw.shape[0] as number;
    if (outputs / groups > MOST_LANES) return false;
    const plan = this.#windowsOf(x, gw, gy, geometry);
    const [part] = plan?.parts ?? [];
    if (plan === null || part === undefined) return false;
    const { vectors } = part;
    const [batch] = gy.shape as [number];
    const size = gy.size / (batch * outputs);
    const kernel = this.#kernel("weights", vectors.spacing);
    const work = batch * size * vectors.k;
    this.#inFrames(x, outputs, groups, plan.framing, outputs, work, (input, grain) => {
      const args = writeArguments(
        this.#runtime,
        PIXEL_WEIGHT_ARGUMENTS,
        {
          columns: vectors.columns,
          k: vectors.k,
          starts: vectors.starts,
          outs: vectors.outs,
          vectors: vectors.vectors,
          tails: vectors.tails,
          tailLanes: vectors.tailLanes,
          batch,
          gy: addressOf(gy),
          gyImage: outputs * size * BYTES,
          gyChannel: size * BYTES,
          gw: addressOf(gw),
        },
        input,
      );
      this.#runtime.parallelFor(kernel, args, outputs, work * MULTIPLY_NANOSECONDS, grain);
    });
    return true;
  }

  #windowsOf(x: NdArray, w: NdArray, out: NdArray, geometry: ConvolutionGeometry): Plan | null {
    return this.#forward.get(keyOf(x, w, out, geometry), (memory) => {
      const [, inner, ...kernel] = w.shape as [number, number, ...number[]];
      const [input, positions] = [x.shape.slice(2), out.shape.slice(2)];
      const { frame, gather } = windowsOf(input, kernel, positions, inner, geometry);
      const vectors = vectorsOf(memory, gather, positions.at(-1) ?? 1, TILE_VECTORS);
      return vectors === null ? null : { framing: framingOf(memory, frame, input), parts: [{ taps: null, vectors }] };
    });
  }

  /** Convolves `x` into `out` with weights of which `vectors.k` belong to each output channel. */
  #run(
    x: NdArray,
    w: number,
    out: NdArray,
    groups: number,
    framing: Framing,
    vectors: Vectors,
    { bias, activation }: ConvolutionEpilogue,
  ): void {
    const [batch, outputs] = out.shape as [number, number];
    const kernel = this.#kernel("forward", vectors.spacing);
    const work = vectors.vectors * VECTOR * (vectors.k + 1);
    this.#inFrames(x, outputs, groups, framing, batch * outputs, work, (input, grain) => {
      const args = writeArguments(
        this.#runtime,
        PIXEL_ARGUMENTS,
        {
          columns: vectors.columns,
          k: vectors.k,
          starts: vectors.starts,
          outs: vectors.outs,
          vectors: roundUp(vectors.vectors, TILE_VECTORS),
          outStep: vectors.outStep,
          w,
          out: addressOf(out),
          outChannel: (out.size / (batch * outputs)) * BYTES,
          bias: bias === null ? 0 : addressOf(bias),
          relu: activation === "relu" ? 1 : 0,
        },
        input,
      );
      this.#runtime.parallelFor(kernel, args, batch * outputs, work * MULTIPLY_NANOSECONDS, grain);
    });
  }

  /** Calls `run` with what says where `x` is, and how many tasks a range has at least; every range has a frame. */
  #inFrames(
    x: NdArray,
    outputs: number,
    groups: number,
    { frame, sources, rowsPerChannel, left, width, right }: Framing,
    tasks: number,
    work: number,
    run: (input: InputWords, grain: number) => void,
  ): void {
    const [batch, channels] = x.shape as [number, number];
    const inner = channels / groups;
    const channelBytes = (x.size / (batch * channels)) * BYTES;
    const grain = Math.max(1, Math.ceil(TASK_WORK / work), Math.ceil(tasks / MOST_RANGES));
    const slotBytes = inner * frame.channel * BYTES;
    const scratch = new Scratch(this.#runtime);
    try {
      const framed = frame.before === null ? 0 : scratch.allocate(slotBytes * Math.ceil(tasks / grain));
      const input: InputWords = {
        x: addressOf(x),
        xImage: channels * channelBytes,
        xGroup: inner * channelBytes,
        channelBytes,
        inner,
        lanes: outputs / groups,
        outputs,
        framed,
        slotBytes,
        framedBytes: frame.channel * BYTES,
        grain,
        sources,
        rowsPerChannel,
        left,
        width,
        right,
      };
      run(input, grain);
    } finally {
      scratch.free();
    }
  }

  #kernel(kind: "forward" | "weights", spacing: Spacing): WasmKernel {
    const name = `${kind} ${spacing}`;
    let kernel = this.#kernels.get(name);
    if (kernel === undefined) {
      const { type } = this.#runtime.memory;
      const lanes = lanesOf("float32", probeRelaxedSimd());
      const module = (kind === "forward" ? pixelKernel : pixelWeightKernel)(type, lanes, spacing);
      kernel = this.#runtime.loadKernel(module, `convolution of pixels, ${name}`);
      this.#kernels.set(name, kernel);
    }
    return kernel;
  }
}

type InputWords = Readonly<
  Record<Exclude<keyof typeof PIXEL_ARGUMENTS & keyof typeof PIXEL_WEIGHT_ARGUMENTS, keyof Vectors>, number>
>;
