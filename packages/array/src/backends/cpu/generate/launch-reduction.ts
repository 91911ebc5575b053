import type { Executable, Launch } from "../../../backend.js";
import type { ReductionProgram } from "../../../kernel/program.js";
import type { CpuRuntime } from "../runtime.js";
import { accumulatorsFor, appendOf, chain, costOf, elementCost } from "./cost.js";
import type { GeneratedKernel } from "./kernel.js";
import { REDUCTION_MODE, REDUCTION_WORDS } from "./reduction-arguments.js";
import { RangeList, type ListedRange } from "../threads/range-list.js";
import { LEAST_SHARED } from "../threads/sharing.js";
import { nanosecondsPerUnit, type ScheduledKernel } from "./schedule.js";
import { stateBytes } from "./states.js";

/** Rows of a part of a reduction in tiles: at most as many combinations one after the other as in a chain, since rows come four or eight at a time. */
const rowsPerPart = 128;
/** Most bytes of a tile's states: they stay in the first-level cache. */
const tileBytes = 8192;
/** Units of work that keep the threads evenly busy. */
const enoughUnits = 8;
/** What a unit costs besides its elements. */
const unitCost = 80;
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
  /** Parts of an output that are done before the same parts of the next one. */
  readonly partsAtOnce: number;
  /** Bytes of the states of one part. */
  readonly partBytes: number;
  /** Elements of a part. */
  readonly partElements: number;
  /** Bytes of all states that are kept until they are merged: a multiple of 16. */
  readonly scratchBytes: number;
}

/** A launch whose arguments have been written. */
interface Written {
  readonly address: number;
  readonly cut: Cut;
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
  const partCost = (cut: Cut): number => cut.partElements * cost;
  const workOf = (cut: Cut): number => cut.units * (cut.parts * partCost(cut) + unitCost);
  const mergeCost = (cut: Cut): number => (cut.parts * cut.partBytes * combineCost) / 4;
  const write = (address: number, launch: Launch, cut: Cut, scratch: number): Written => {
    layout.write(memory, address, launch);
    writeWord(address, "parts", cut.parts);
    writeWord(address, "partSize", cut.partSize);
    writeWord(address, "size", cut.size);
    writeWord(address, "tileWidth", cut.tileWidth);
    writeWord(address, "units", cut.units);
    writeWord(address, "partsAtOnce", cut.partsAtOnce);
    writeWord(address, "scratch", scratch);
    return { address, cut };
  };
  /** Parts that different threads may do, or whole outputs where there is one part, or are enough outputs. */
  const begin = ({ address, cut }: Written, whole: boolean): ListedRange => {
    writeWord(address, "mode", whole ? REDUCTION_MODE.whole : REDUCTION_MODE.parts);
    return { args: address, count: whole ? cut.units : cut.units * cut.parts };
  };
  const merge = ({ address, cut }: Written): ListedRange => {
    writeWord(address, "mode", REDUCTION_MODE.merge);
    return { args: address, count: cut.units };
  };

  const run = (launch: Launch): void => {
    const cut = cutOf(launch);
    const { units, parts, scratchBytes: needed } = cut;
    const inBlock = needed <= smallScratch;
    const address = args.allocate(layout.bytes + 16 + (inBlock ? needed : 0));
    const scratch = inBlock ? roundUp16(address + layout.bytes) : memory.allocate(needed);
    const written = write(address, launch, cut, scratch);
    const whole =
      parts === 1 ||
      (units >= enoughUnits && cut.partsAtOnce === parts) ||
      workOf(cut) < LEAST_SHARED / nanosecondsPerUnit;
    try {
      kernel.run(address, begin(written, whole).count, whole ? workOf(cut) / units : partCost(cut));
      if (!whole) kernel.run(address, merge(written).count, mergeCost(cut));
    } finally {
      if (!inBlock) memory.free(scratch);
    }
  };

  const atOnce = args.blocks(layout.bytes + 2 * RangeList.bytesPerRange);
  const runAll = (launches: readonly Launch[], cuts: readonly Cut[]): void => {
    const scratch = memory.allocate(cuts.reduce((sum, cut) => sum + cut.scratchBytes, 0));
    try {
      let next = scratch;
      const written = launches.map((launch, i) => {
        const cut = cuts[i] as Cut;
        const own = next;
        next += cut.scratchBytes;
        return write(args.allocate(layout.bytes), launch, cut, own);
      });
      kernel.runList(
        written.map((each) => begin(each, each.cut.parts === 1)),
        Math.max(...cuts.map(partCost)),
      );
      const several = written.filter(({ cut }) => cut.parts > 1);
      kernel.runList(several.map(merge), Math.max(0, ...several.map(({ cut }) => mergeCost(cut))));
    } finally {
      memory.free(scratch);
    }
  };
  const together = (launches: readonly Launch[]): void => {
    const cuts = launches.map(cutOf);
    const work = cuts.reduce((sum, cut) => sum + workOf(cut), 0);
    if (work < LEAST_SHARED / nanosecondsPerUnit) launches.forEach(run);
    else {
      for (let i = 0; i < launches.length; i += atOnce)
        runAll(launches.slice(i, i + atOnce), cuts.slice(i, i + atOnce));
    }
  };
  return Object.assign(run, { together });
}

function lineCut(program: ReductionProgram, lanes: 1 | 4): (launch: Launch) => Cut {
  const accumulators = accumulatorsFor(program.map, appendOf(program), program.inputs);
  const partBytes = stateBytes(program.combine, lanes);
  const vector = lanes * accumulators;
  const { keptRank, rank } = program;
  return (launch) => {
    const { shape } = launch;
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
    // The parts of a run of neighbours stay together, if there are whole ones of them.
    const inRun = Math.ceil(run / partSize);
    const inOrder = parts % inRun === 0 ? inRun : 1;
    const partsAtOnce = units > 1 && isInterleaved(launch, keptRank) ? inOrder : parts;
    return {
      units,
      parts,
      partSize,
      size,
      tileWidth: 0,
      partsAtOnce,
      partBytes,
      partElements: Math.min(size, partSize),
      scratchBytes: parts === 1 ? 0 : roundUp16(units * parts * partBytes),
    };
  };
}

/**
 * Whether the elements of different outputs lie between those of one, as those of channels do in a batch of pictures: then reducing one
 * output after the other would jump through memory, from one short run to the next.
 */
function isInterleaved({ shape, strides, outputs }: Launch, keptRank: number): boolean {
  return (strides ?? []).slice(outputs.length).some((steps) => {
    const longest = (from: number, to: number): number =>
      Math.max(0, ...steps.slice(from, to).map((step, i) => ((shape[from + i] as number) > 1 ? Math.abs(step) : 0)));
    const kept = longest(0, keptRank);
    return kept > 0 && longest(keptRank, shape.length) > kept;
  });
}

function tileCut(program: ReductionProgram, lanes: 1 | 4): (launch: Launch) => Cut {
  const bytes = stateBytes(program.combine, lanes);
  const widest = Math.max(lanes, Math.floor(tileBytes / bytes) * lanes);
  const { keptRank, rank } = program;
  return ({ shape }) => {
    const size = product(shape, keptRank, rank);
    const columns = shape[keptRank - 1] as number;
    const tileWidth = Math.min(widest, Math.ceil(columns / lanes) * lanes);
    const units = product(shape, 0, keptRank - 1) * Math.ceil(columns / tileWidth);
    const parts = Math.max(1, Math.ceil(size / rowsPerPart));
    const partBytes = (tileWidth / lanes) * bytes;
    return {
      units,
      parts,
      partSize: rowsPerPart,
      size,
      tileWidth,
      partsAtOnce: parts,
      partBytes,
      partElements: Math.min(size, rowsPerPart) * tileWidth,
      scratchBytes: roundUp16(units * parts * partBytes),
    };
  };
}

function roundUp16(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}

function product(shape: readonly number[], from: number, to: number): number {
  let result = 1;
  for (let i = from; i < to; i++) result *= shape[i] as number;
  return result;
}
