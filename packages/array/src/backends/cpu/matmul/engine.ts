import type { CpuRuntime } from "../runtime.js";
import type { WasmKernel } from "../wasm-kernel.js";
import { probeRelaxedSimd } from "../wasm/assembler.js";
import { TILE_FLAGS } from "./epilogue.js";
import { type GemmDtype, type Lanes, lanesOf } from "./lanes.js";
import { packKernel } from "./pack-kernel.js";
import { packedSteps, PackingScratch } from "./packing.js";
import type { NormalizedProblem } from "./problem.js";
import { cutIntoTasks } from "./tasks.js";
import { chooseTile, tileCode } from "./tile-choice.js";
import { TILE_ARGUMENTS, tileKernel, type TileShape } from "./tile-kernel.js";

/** How long a multiply-add takes, for each byte of an element: 27 billion of float32 in a second. */
const nanosecondsPerByte = 0.037 / 4;
/** Storing an element of the result takes as long as so many multiply-adds. */
const storeWork = 4;
const ARGUMENT_BYTES = 4 * Object.keys(TILE_ARGUMENTS).length;

/** The kernels of one element type, compiled when they are first needed. */
interface TypeKernels {
  readonly lanes: Lanes;
  readonly tiles: Map<number, WasmKernel>;
  pack: WasmKernel | undefined;
}

/** Matrix products on one runtime: its compiled kernels and the room for packed operands, both kept. */
export class GemmEngine {
  readonly #runtime: CpuRuntime;
  readonly #scratch: PackingScratch;
  readonly #types: Partial<Record<GemmDtype, TypeKernels>> = {};

  constructor(runtime: CpuRuntime) {
    this.#runtime = runtime;
    this.#scratch = new PackingScratch(runtime);
  }

  /** Computes a problem with m, n and batch of at least 1. */
  run(p: NormalizedProblem): void {
    const kernels = this.#kernelsOf(p.dtype);
    const shape = chooseTile(p, kernels.lanes);
    if (shape.layout === "packed") this.#runPacked(p, kernels, shape);
    else this.#runTiles(p, kernels, shape, true);
  }

  /** Packs and multiplies piece by piece, so that the room for packed operands is bounded. */
  #runPacked(p: NormalizedProblem, kernels: TypeKernels, shape: TileShape): void {
    const { lanes } = kernels;
    const { bytes } = lanes;
    kernels.pack ??= this.#runtime.loadKernel(
      packKernel(this.#runtime.memory.type, lanes, shape.rows, shape.columns),
      `gemm pack ${p.dtype}`,
    );
    const steps = packedSteps(p, shape);
    for (let batch = 0; batch < p.batch; batch += steps.batch) {
      for (let i = 0; i < p.m; i += steps.m) {
        for (let j = 0; j < p.n; j += steps.n) {
          for (let step = 0; step === 0 || step < p.k; step += steps.k) {
            const part: NormalizedProblem = {
              ...p,
              m: Math.min(steps.m, p.m - i),
              n: Math.min(steps.n, p.n - j),
              k: Math.min(steps.k, p.k - step),
              a: p.a + (batch * p.aBatch + i * p.aRow + step * p.aColumn) * bytes,
              b: p.b + (batch * p.bBatch + step * p.bRow + j * p.bColumn) * bytes,
              c: p.c + (batch * p.cBatch + i * p.cRow + j) * bytes,
              batch: Math.min(steps.batch, p.batch - batch),
              bias: p.bias === 0 ? 0 : p.bias + j * bytes,
              accumulate: p.accumulate || step > 0,
            };
            const packed = this.#scratch.pack(part, kernels.pack, lanes, shape);
            this.#runTiles(packed, kernels, shape, step + part.k >= p.k);
          }
        }
      }
    }
  }

  /** @param finish - whether these products are the last ones of each sum, so that bias and activation follow */
  #runTiles(p: NormalizedProblem, kernels: TypeKernels, shape: TileShape, finish: boolean): void {
    const { bytes } = kernels.lanes;
    const grid = cutIntoTasks(p.m, p.n, p.k, p.batch, shape);
    const args = this.#runtime.args.allocate(ARGUMENT_BYTES);
    const words = this.#runtime.memory.u32;
    const at = args >>> 2;
    words[at + TILE_ARGUMENTS.a] = p.a;
    words[at + TILE_ARGUMENTS.aRow] = p.aRow * bytes;
    words[at + TILE_ARGUMENTS.aColumn] = p.aColumn * bytes;
    words[at + TILE_ARGUMENTS.aBatch] = p.aBatch * bytes;
    words[at + TILE_ARGUMENTS.b] = p.b;
    words[at + TILE_ARGUMENTS.bStride] = (shape.layout === "dot" ? p.bColumn : p.bRow) * bytes;
    words[at + TILE_ARGUMENTS.bBatch] = p.bBatch * bytes;
    words[at + TILE_ARGUMENTS.c] = p.c;
    words[at + TILE_ARGUMENTS.cRow] = p.cRow * bytes;
    words[at + TILE_ARGUMENTS.cBatch] = p.cBatch * bytes;
    words[at + TILE_ARGUMENTS.bias] = p.bias;
    words[at + TILE_ARGUMENTS.flags] =
      (p.accumulate ? TILE_FLAGS.accumulate : 0) | (finish ? TILE_FLAGS.finish : 0) | (p.relu ? TILE_FLAGS.relu : 0);
    words[at + TILE_ARGUMENTS.m] = p.m;
    words[at + TILE_ARGUMENTS.n] = p.n;
    words[at + TILE_ARGUMENTS.k] = p.k;
    words[at + TILE_ARGUMENTS.rowBlock] = grid.rowBlock;
    words[at + TILE_ARGUMENTS.columnBlock] = grid.columnBlock;
    words[at + TILE_ARGUMENTS.columnTasks] = grid.columnTasks;
    words[at + TILE_ARGUMENTS.batchTasks] = grid.rowTasks * grid.columnTasks;
    const tasks = grid.rowTasks * grid.columnTasks * p.batch;
    const cost = (p.m * p.n * (p.k + storeWork) * p.batch * bytes * nanosecondsPerByte) / tasks;
    this.#runtime.parallelFor(this.#tileKernel(p.dtype, kernels, shape), args, tasks, cost);
  }

  #tileKernel(dtype: GemmDtype, kernels: TypeKernels, shape: TileShape): WasmKernel {
    const code = tileCode(shape);
    let kernel = kernels.tiles.get(code);
    if (kernel === undefined) {
      const module = tileKernel(this.#runtime.memory.type, kernels.lanes, shape);
      kernel = this.#runtime.loadKernel(module, `gemm ${shape.layout} ${shape.rows}x${shape.columns} ${dtype}`);
      kernels.tiles.set(code, kernel);
    }
    return kernel;
  }

  #kernelsOf(dtype: GemmDtype): TypeKernels {
    return (this.#types[dtype] ??= { lanes: lanesOf(dtype, probeRelaxedSimd()), tiles: new Map(), pack: undefined });
  }
}
