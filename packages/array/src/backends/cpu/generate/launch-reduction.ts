import type { Executable, Launch } from "../../../backend.js";
import type { ReductionProgram } from "../../../kernel/program.js";
import type { CpuRuntime } from "../runtime.js";
import { accumulatorsFor, appendOf, chain, costOf, elementCost } from "./cost.js";
import type { GeneratedKernel } from "./kernel.js";
import { REDUCTION_MODE, REDUCTION_WORDS } from "./reduction-arguments.js";
import { LEAST_SHARED } from "../threads/sharing.js";
import { nanosecondsPerUnit, type ScheduledKernel } from "./schedule.js";
import { stateBytes } from "./states.js";

/** Rows of a part of a reduction in tiles: at most as many combinations one after the other as in a chain, since rows come four or eight at a time. */
const rowsPerPart = 128;
/** Most bytes of a tile's states: they stay in the first-level cache. */
const tileBytes = 8192;
/** Units of work that keep the threads evenly busy. */
const enoughUnits = 8;
/** States up to this size lie behind the arguments instead of in memory of their own. */
const smallScratch = 2048;

/** How a launch is cut up. Results depend on parts, which follow from shapes alone; tiles are about speed. */
interface Cut {
  /** Outputs, or tiles of them. */
  readonly units: number;
  readonly parts: number;
  readonly partSize: number;
  readonly size: number;
  readonly tileWidth: number;
  /** Bytes of the states of one part. */
  readonly partBytes: number;
  /** Elements of a part. */
  readonly partElements: number;
}

/** The launches of a reduction. */
export function reductionExecutable(
  { memory, args }: CpuRuntime,
  program: ReductionProgram,
  { layout, lanes }: GeneratedKernel,
  kernel: ScheduledKernel,
): Executable {
  const cost = elementCost(program, lanes);
  const combineCost = 4 + costOf(program.combine.body, lanes);
  const cutOf = program.inner === "reduced" ? lineCut(program, lanes) : tileCut(program, lanes);
  const writeWord = (address: number, name: keyof typeof REDUCTION_WORDS, value: number): void => {
    layout.writeExtra(memory, address, REDUCTION_WORDS[name], value);
  };
  return (launch: Launch) => {
    const cut = cutOf(launch.shape);
    const { units, parts } = cut;
    const needed = program.inner === "reduced" && parts === 1 ? 0 : units * parts * cut.partBytes;
    const inBlock = needed <= smallScratch;
    const address = args.allocate(layout.bytes + 16 + (inBlock ? needed : 0));
    const scratch = inBlock ? Math.ceil((address + layout.bytes) / 16) * 16 : memory.allocate(needed);
    layout.write(memory, address, launch);
    writeWord(address, "parts", parts);
    writeWord(address, "partSize", cut.partSize);
    writeWord(address, "size", cut.size);
    writeWord(address, "tileWidth", cut.tileWidth);
    writeWord(address, "scratch", scratch);
    const partCost = cut.partElements * cost;
    try {
      if (parts === 1 || units >= enoughUnits || units * parts * partCost < LEAST_SHARED / nanosecondsPerUnit) {
        writeWord(address, "mode", REDUCTION_MODE.whole);
        kernel.run(address, units, parts * partCost);
      } else {
        writeWord(address, "mode", REDUCTION_MODE.parts);
        kernel.run(address, units * parts, partCost);
        writeWord(address, "mode", REDUCTION_MODE.merge);
        kernel.run(address, units, (parts * cut.partBytes * combineCost) / 4);
      }
    } finally {
      if (!inBlock) memory.free(scratch);
    }
  };
}

function lineCut(program: ReductionProgram, lanes: 1 | 4): (shape: readonly number[]) => Cut {
  const accumulators = accumulatorsFor(program.map, appendOf(program), program.inputs);
  const partBytes = stateBytes(program.combine, lanes);
  const vector = lanes * accumulators;
  const { keptRank, rank } = program;
  return (shape) => {
    const size = product(shape, keptRank, rank);
    let partSize = vector * chain;
    const run = shape[rank - 1] as number;
    if (rank - keptRank > 1 && run < partSize && run > 0) {
      // Short runs: what the first accumulator takes up of each, the end that fills no vector included.
      const perRun = Math.floor(run / vector) + Math.ceil((run % vector) / lanes);
      partSize = run * Math.max(1, Math.floor((1.5 * chain) / perRun));
    }
    const parts = Math.max(1, Math.ceil(size / partSize));
    const units = product(shape, 0, keptRank);
    return { units, parts, partSize, size, tileWidth: 0, partBytes, partElements: Math.min(size, partSize) };
  };
}

function tileCut(program: ReductionProgram, lanes: 1 | 4): (shape: readonly number[]) => Cut {
  const bytes = stateBytes(program.combine, lanes);
  const widest = Math.max(lanes, Math.floor(tileBytes / bytes) * lanes);
  const { keptRank, rank } = program;
  return (shape) => {
    const size = product(shape, keptRank, rank);
    const columns = shape[keptRank - 1] as number;
    const tileWidth = Math.min(widest, Math.ceil(columns / lanes) * lanes);
    const tiles = Math.ceil(columns / tileWidth);
    return {
      units: product(shape, 0, keptRank - 1) * tiles,
      parts: Math.max(1, Math.ceil(size / rowsPerPart)),
      partSize: rowsPerPart,
      size,
      tileWidth,
      partBytes: (tileWidth / lanes) * bytes,
      partElements: Math.min(size, rowsPerPart) * tileWidth,
    };
  };
}

function product(shape: readonly number[], from: number, to: number): number {
  let result = 1;
  for (let i = from; i < to; i++) result *= shape[i] as number;
  return result;
}
