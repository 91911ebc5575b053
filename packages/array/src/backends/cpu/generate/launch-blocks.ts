import type { Executable, Launch } from "../../../backend.js";
import type { ElementwiseProgram } from "../../../kernel/program.js";
import type { CpuRuntime } from "../runtime.js";
import { elementCost } from "./cost.js";
import { BLOCK_WORDS } from "./elementwise.js";
import type { GeneratedKernel } from "./kernel.js";
import { operandTypes } from "./operand-types.js";
import type { ScheduledKernel } from "./schedule.js";

/**
 * Columns and rows of a block. Each column brings in cache lines from elsewhere, which may all compete for a few places in
 * the cache: hence few of them. Many rows make long stretches of memory of each column.
 */
const blockColumns = 16;
const blockRows = 256;
/** Least elements of a block where there is nothing to be gained from small ones. */
const plainBlock = 4096;

/** A launch's loops, cut into blocks. */
interface Blocks {
  readonly shape: readonly number[];
  readonly strides: readonly (readonly number[])[];
  readonly rows: number;
  readonly columns: number;
  readonly count: number;
}

/** Launches of a program that runs in blocks. */
export function blockExecutable(
  { memory, args }: CpuRuntime,
  program: ElementwiseProgram,
  { layout, lanes }: GeneratedKernel,
  kernel: ScheduledKernel,
): Executable {
  const cost = elementCost(program, lanes);
  const leader = operandTypes(program).findIndex(({ layout: kind }) => kind === "strided");
  // Callers keep the loops of a kind of launch, so that most of the time they are the same objects.
  let lastStrides: Launch["strides"] = null;
  let last: Blocks | null = null;
  return (launch: Launch) => {
    if (last === null || launch.strides !== lastStrides) {
      last = blocksOf(launch, leader);
      lastStrides = launch.strides;
    }
    const { shape, strides, rows, columns, count } = last;
    const address = args.allocate(layout.bytes);
    layout.write(memory, address, { ...launch, shape, strides });
    layout.writeExtra(memory, address, BLOCK_WORDS.rows, rows);
    layout.writeExtra(memory, address, BLOCK_WORDS.columns, columns);
    kernel.run(address, count, cost * rows * columns + 100 * rows);
  };
}

/**
 * Brings the axis along which the strided operand `leader` takes its shortest steps next to the innermost, and makes small
 * blocks if those steps are shorter than the ones along the innermost axis.
 */
function blocksOf({ shape, strides }: Launch, leader: number): Blocks {
  const given = strides ?? [];
  const inner = shape.length - 1;
  const step = (axis: number): number => Math.abs(given[leader]?.[axis] ?? 0);
  let near = inner - 1;
  for (let axis = 0; axis < inner; axis++) {
    if (step(axis) > 0 && (step(near) === 0 || step(axis) < step(near))) near = axis;
  }
  const small = step(near) > 0 && step(near) < step(inner);
  const order = shape.map((_, axis) => axis);
  if (small) [order[near], order[inner - 1]] = [inner - 1, near];
  const permute = (values: readonly number[]): number[] => order.map((axis) => values[axis] as number);
  const ordered = permute(shape);
  const [height, width] = [ordered[inner - 1] as number, ordered[inner] as number];
  const columns = small ? Math.min(width, blockColumns) : width;
  const rows = Math.min(height, small ? blockRows : Math.ceil(plainBlock / width));
  let count = Math.ceil(height / rows) * Math.ceil(width / columns);
  for (let axis = 0; axis < inner - 1; axis++) count *= ordered[axis] as number;
  return { shape: ordered, strides: given.map(permute), rows, columns, count };
}
