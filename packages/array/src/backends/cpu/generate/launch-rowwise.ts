import type { Executable, Launch } from "../../../backend.js";
import type { RowwiseProgram } from "../../../kernel/program.js";
import type { CpuRuntime } from "../runtime.js";
import { elementCost } from "./cost.js";
import { generate, rowExecutable } from "./generate.js";
import type { GeneratedKernel, RowwiseChoices } from "./kernel.js";
import { operandTypes } from "./operand-types.js";
import { ACROSS_WORDS, type AcrossLayouts } from "./rowwise-across.js";
import { ScheduledKernel } from "./schedule.js";
import { storedValueOf } from "./stored-value.js";

/** Neighbouring rows that one call of a kernel takes. */
const rowsAcross = 64;

/** How to compile a program whose rows lie along memory, or, if it is given how operands move from row to row, across it. */
export function rowChoices(program: RowwiseProgram, across: AcrossLayouts | null = null): RowwiseChoices {
  const contiguous = (k: number): boolean => (across?.[k] ?? program.outputs[k]?.layout) === "contiguous";
  return { across, stored: storedValueOf(program, contiguous) };
}

/** The launches of a row-wise kernel; undefined if the generator does not know everything in it. */
export function rowwiseExecutable(runtime: CpuRuntime, program: RowwiseProgram): Executable | undefined {
  const along = variant(runtime, program, null);
  if (along === undefined) return undefined;
  const across = new Map<string, Executable>();
  // Callers keep the loops of a kind of launch, so that most of the time they are the same objects.
  let lastStrides: Launch["strides"] = null;
  let last = along;
  return (launch) => {
    if (launch.strides === null || launch.strides !== lastStrides) {
      lastStrides = launch.strides;
      const layouts = acrossLayouts(program, launch);
      if (layouts === null) {
        last = along;
      } else {
        const key = layouts.join();
        last = across.get(key) ?? variant(runtime, program, layouts) ?? along;
        across.set(key, last);
      }
    }
    last(launch);
  };
}

/** A way to compile the program, and the same without storing a value where an input shares the memory. */
function variant(runtime: CpuRuntime, program: RowwiseProgram, across: AcrossLayouts | null): Executable | undefined {
  const build = (choices: RowwiseChoices): Executable | undefined => {
    const generated = generate(runtime, program, choices);
    if (generated === undefined) return undefined;
    const kernel = new ScheduledKernel(runtime, generated, program.name);
    return (across === null ? rowExecutable : acrossExecutable)(runtime, program, generated, kernel);
  };
  const choices = rowChoices(program, across);
  const best = build(choices);
  const { stored } = choices;
  if (best === undefined || stored === undefined || stored === null) return best;
  let plain: Executable | undefined;
  return (launch) => {
    const target = launch.outputs[stored.output]?.storage;
    if (launch.inputs.every(({ storage }) => storage !== target)) {
      best(launch);
    } else {
      plain ??= build({ across });
      plain?.(launch);
    }
  };
}

/** How operands move from row to row, if rows are better taken side by side: null if not. */
function acrossLayouts(program: RowwiseProgram, { shape, strides }: Launch): AcrossLayouts | null {
  const axis = program.rank - 2;
  if (axis < 0 || strides === null || (shape[axis] as number) < 4) return null;
  const types = operandTypes(program);
  if (types.some(({ layout, dtype }) => layout === "contiguous" || dtype === "float64")) return null;
  if (!types.some(({ layout }) => layout === "strided")) return null;
  const layouts: ("contiguous" | "broadcast")[] = [];
  for (let k = 0; k < strides.length; k++) {
    const step = strides[k]?.[axis];
    if (step !== 1 && (step !== 0 || k < program.outputs.length)) return null;
    layouts.push(step === 1 ? "contiguous" : "broadcast");
  }
  return layouts;
}

/** Launches whose range are groups of neighbouring rows. */
function acrossExecutable(
  { memory, args }: CpuRuntime,
  program: RowwiseProgram,
  { layout, lanes }: GeneratedKernel,
  kernel: ScheduledKernel,
): Executable {
  const cost = elementCost(program, lanes);
  return (launch) => {
    const { shape } = launch;
    const address = args.allocate(layout.bytes);
    layout.write(memory, address, launch);
    const axis = shape.length - 2;
    const rows = Math.min(rowsAcross, shape[axis] as number);
    layout.writeExtra(memory, address, ACROSS_WORDS.rows, rows);
    let count = Math.ceil((shape[axis] as number) / rows);
    for (let i = 0; i < axis; i++) count *= shape[i] as number;
    kernel.run(address, count, cost * rows * (shape[axis + 1] as number));
  };
}
