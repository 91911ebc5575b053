import type { Executable, Launch } from "../../../backend.js";
import type { ElementwiseProgram, Program } from "../../../kernel/program.js";
import type { CpuRuntime } from "../runtime.js";
import { elementCost } from "./cost.js";
import { runsInBlocks } from "./elementwise.js";
import { generate, rowExecutable } from "./generate.js";
import type { GeneratedKernel } from "./kernel.js";
import { blockExecutable } from "./launch-blocks.js";
import { reductionExecutable } from "./launch-reduction.js";
import { rowChoices, rowwiseExecutable } from "./launch-rowwise.js";
import { RangeList, type ListedRange } from "../threads/range-list.js";
import { ScheduledKernel } from "./schedule.js";

/** Elements that lie on cache lines of their own, and fill vectors: threads divide long loops between such. */
const elementsTogether = 64;

/** Compiles a program for a runtime; undefined if the generator does not know everything in it. */
export function compileProgram(runtime: CpuRuntime, program: Program): Executable | undefined {
  if (program.kind === "rowwise") return rowwiseExecutable(runtime, program);
  const generated = generate(runtime, program);
  if (generated === undefined) return undefined;
  const kernel = new ScheduledKernel(runtime, generated, program.name);
  if (program.kind === "reduction") return reductionExecutable(runtime, program, generated, kernel);
  if (program.rank === 1) return flatExecutable(runtime, program, generated, kernel);
  return (runsInBlocks(program) ? blockExecutable : rowExecutable)(runtime, program, generated, kernel);
}

/** The generated code of a program, as WebAssembly text. */
export function printProgram(runtime: CpuRuntime, program: Program): string | undefined {
  return generate(runtime, program, program.kind === "rowwise" ? rowChoices(program) : {})?.module.text();
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
  const written = (launch: Launch): ListedRange => {
    const address = args.allocate(bytes);
    layout.write(memory, address, launch);
    return { args: address, count: launch.shape[0] as number };
  };
  const run = (launch: Launch): void => {
    const { args: address, count } = written(launch);
    kernel.run(address, count, cost, elementsTogether);
  };
  const atOnce = args.blocks(bytes + RangeList.bytesPerRange);
  const together = (launches: readonly Launch[]): void => {
    for (let i = 0; i < launches.length; i += atOnce)
      kernel.runList(launches.slice(i, i + atOnce).map(written), cost, elementsTogether);
  };
  return Object.assign(run, { together });
}
