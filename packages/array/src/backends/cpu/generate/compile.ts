import type { Executable, Launch } from "../../../backend.js";
import type { ElementwiseProgram, Program, RowwiseProgram } from "../../../kernel/program.js";
import type { CpuRuntime } from "../runtime.js";
import { elementCost } from "./cost.js";
import { runsInBlocks } from "./elementwise.js";
import { generateKernel, type GeneratedKernel } from "./kernel.js";
import { blockExecutable } from "./launch-blocks.js";
import { reductionExecutable } from "./launch-reduction.js";
import { ScheduledKernel } from "./schedule.js";
import { storedValueOf, type StoredValue } from "./stored-value.js";
import { Unsupported } from "./unsupported.js";

/** What beginning a row costs besides its elements. */
const rowCost = 100;

/** Compiles a program for a runtime; undefined if the generator does not know everything in it. */
export function compileProgram(runtime: CpuRuntime, program: Program): Executable | undefined {
  if (program.kind === "rowwise") return compileRowwise(runtime, program);
  const generated = generate(runtime, program);
  if (generated === undefined) return undefined;
  const kernel = new ScheduledKernel(runtime, generated, program.name);
  if (program.kind === "reduction") return reductionExecutable(runtime, program, generated, kernel);
  if (program.rank === 1) return flatExecutable(runtime, program, generated, kernel);
  return (runsInBlocks(program) ? blockExecutable : rowExecutable)(runtime, program, generated, kernel);
}

/** The generated code of a program, as WebAssembly text. */
export function printProgram(runtime: CpuRuntime, program: Program): string | undefined {
  const stored = program.kind === "rowwise" ? storedValueOf(program) : null;
  return generate(runtime, program, stored)?.module.text();
}

function compileRowwise(runtime: CpuRuntime, program: RowwiseProgram): Executable | undefined {
  const variant = (stored: StoredValue | null): Executable | undefined => {
    const generated = generate(runtime, program, stored);
    if (generated === undefined) return undefined;
    return rowExecutable(runtime, program, generated, new ScheduledKernel(runtime, generated, program.name));
  };
  const stored = storedValueOf(program);
  if (stored === null) return variant(null);
  const storing = variant(stored);
  let plain: Executable | undefined;
  return (launch) => {
    const target = launch.outputs[stored.output]?.storage;
    if (launch.inputs.every(({ storage }) => storage !== target)) {
      storing?.(launch);
    } else {
      plain ??= variant(null);
      plain?.(launch);
    }
  };
}

/** Launches whose range are elements. */
function flatExecutable(
  { memory, args }: CpuRuntime,
  program: ElementwiseProgram,
  { layout, lanes }: GeneratedKernel,
  kernel: ScheduledKernel,
): Executable {
  const cost = elementCost(program, lanes);
  const { bytes } = layout;
  return (launch: Launch) => {
    const address = args.allocate(bytes);
    layout.write(memory, address, launch);
    kernel.run(address, launch.shape[0] as number, cost);
  };
}

/** Launches whose range are rows along the innermost axis. */
function rowExecutable(
  { memory, args }: CpuRuntime,
  program: ElementwiseProgram | RowwiseProgram,
  { layout, lanes }: GeneratedKernel,
  kernel: ScheduledKernel,
): Executable {
  const cost = elementCost(program, lanes);
  const { bytes } = layout;
  return (launch: Launch) => {
    const { shape } = launch;
    const address = args.allocate(bytes);
    layout.write(memory, address, launch);
    let rows = 1;
    for (let axis = 0; axis < shape.length - 1; axis++) rows *= shape[axis] as number;
    kernel.run(address, rows, cost * (shape[shape.length - 1] as number) + rowCost);
  };
}

function generate(
  runtime: CpuRuntime,
  program: Program,
  stored: StoredValue | null = null,
): GeneratedKernel | undefined {
  try {
    return generateKernel(program, runtime.memory.type, stored);
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
}
