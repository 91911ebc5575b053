import type { Executable, Launch } from "../../../backend.js";
import type { ElementwiseProgram, Program, RowwiseProgram } from "../../../kernel/program.js";
import type { CpuRuntime } from "../runtime.js";
import { elementCost } from "./cost.js";
import { generateKernel, type GeneratedKernel, type RowwiseChoices } from "./kernel.js";
import type { ScheduledKernel } from "./schedule.js";
import { Unsupported } from "./unsupported.js";

/** What beginning a row costs besides its elements. */
const rowCost = 100;

/** The module of a program; undefined if the generator does not know everything in it. */
export function generate(
  runtime: CpuRuntime,
  program: Program,
  choices: RowwiseChoices = {},
): GeneratedKernel | undefined {
  try {
    return generateKernel(program, runtime.memory.type, choices);
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
}

/** Launches whose range are rows along the innermost axis. */
export function rowExecutable(
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
