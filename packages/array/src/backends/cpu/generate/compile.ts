import type { Executable, Launch } from "../../../backend.js";
import type { Program } from "../../../kernel/program.js";
import type { CpuRuntime } from "../runtime.js";
import { elementCost } from "./cost.js";
import { generateKernel, type GeneratedKernel } from "./kernel.js";
import { reductionExecutable } from "./launch-reduction.js";
import { ScheduledKernel } from "./schedule.js";
import { Unsupported } from "./unsupported.js";

/** Compiles a program for a runtime; undefined if the generator does not know everything in it. */
export function compileProgram(runtime: CpuRuntime, program: Program): Executable | undefined {
  const generated = generate(runtime, program);
  if (generated === undefined) return undefined;
  const { layout, lanes } = generated;
  const { memory, args } = runtime;
  const kernel = new ScheduledKernel(runtime, generated, program.name);
  const cost = elementCost(program, lanes);
  const { bytes } = layout;
  if (program.kind === "reduction") return reductionExecutable(runtime, program, generated, kernel);
  if (program.rank === 1) {
    return (launch: Launch) => {
      const address = args.allocate(bytes);
      layout.write(memory, address, launch);
      kernel.run(address, launch.shape[0] as number, cost);
    };
  }
  return (launch: Launch) => {
    const { shape } = launch;
    const address = args.allocate(bytes);
    layout.write(memory, address, launch);
    let rows = 1;
    for (let axis = 0; axis < shape.length - 1; axis++) rows *= shape[axis] as number;
    kernel.run(address, rows, cost * (shape[shape.length - 1] as number) + rowCost);
  };
}

/** What beginning a row costs besides its elements. */
const rowCost = 100;

/** The generated code of a program, as WebAssembly text. */
export function printProgram(runtime: CpuRuntime, program: Program): string | undefined {
  return generate(runtime, program)?.module.text();
}

function generate(runtime: CpuRuntime, program: Program): GeneratedKernel | undefined {
  try {
    return generateKernel(program, runtime.memory.type);
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
}
