import type { Node, Program } from "../../../kernel/program.js";
import { ModuleBuilder, type MemoryType } from "../wasm/assembler.js";
import { ArgumentLayout } from "./arguments.js";
import { appendOf } from "./cost.js";
import { BLOCK_WORDS, emitElementwise, runsInBlocks } from "./elementwise.js";
import { Library } from "./library.js";
import type { ModuleContext } from "./module-context.js";
import { allNodes } from "./nodes.js";
import { reductionWords } from "./reduction-arguments.js";
import { emitLines } from "./reduction-lines.js";
import { emitTiles } from "./reduction-tiles.js";
import { ACROSS_WORDS, emitAcross, type AcrossLayouts } from "./rowwise-across.js";
import { emitRowwise } from "./rowwise.js";
import type { StoredValue } from "./stored-value.js";

/** A program as a WebAssembly module that exports `run(args, begin, end)`. */
export interface GeneratedKernel {
  readonly module: ModuleBuilder;
  readonly layout: ArgumentLayout;
  /** Elements that are computed at a time. */
  readonly lanes: 1 | 4;
  /** Whether it imports functions of this package, which other threads do not have. */
  readonly usesSpecial: boolean;
}

/** How a row-wise kernel is compiled. */
export interface RowwiseChoices {
  /** A value to keep in an output between passes; no input may share the output's memory. */
  readonly stored?: StoredValue | null;
  /** How operands move from row to row, if that is what vectors lie along. */
  readonly across?: AcrossLayouts | null;
}

/**
 * Compiles a program.
 *
 * @throws Unsupported if it has something that only the JavaScript generator knows
 */
export function generateKernel(
  program: Program,
  memory: MemoryType,
  { stored = null, across = null }: RowwiseChoices = {},
): GeneratedKernel {
  const roots = rootsOf(program);
  const nodes = allNodes(roots);
  const lanes = usesDoubles(program, nodes) ? 1 : 4;
  const module = new ModuleBuilder({ memory });
  const library = new Library(module, nodes);
  const run = module.function("run", { params: ["i32", "i32", "i32"], results: [] });
  const layout = new ArgumentLayout(program, extraWords(program, across !== null));
  const generated = <P extends Program>(own: P): ModuleContext<P> => ({ module, program: own, layout, lanes, library });
  switch (program.kind) {
    case "elementwise":
      emitElementwise(generated(program), run);
      break;
    case "reduction":
      if (program.inner === "reduced") emitLines(generated(program), run);
      else emitTiles(generated(program), run);
      break;
    case "rowwise":
      if (across === null) emitRowwise(generated(program), run, stored);
      else emitAcross(generated(program), run, across, stored);
      break;
  }
  return { module, layout, lanes, usesSpecial: library.usesSpecial };
}

/** Extra words in the argument block. */
function extraWords(program: Program, across: boolean): number {
  if (program.kind === "reduction") return reductionWords;
  if (across) return Object.keys(ACROSS_WORDS).length;
  return program.kind === "elementwise" && runsInBlocks(program) ? Object.keys(BLOCK_WORDS).length : 0;
}

/** All results that a program computes. */
function rootsOf(program: Program): readonly Node[] {
  switch (program.kind) {
    case "elementwise":
      return program.body;
    case "reduction":
      return [...program.map, ...program.combine.body, ...appendOf(program).body, ...program.finish];
    case "rowwise":
      return [...program.body, ...program.passes.flatMap((pass) => [...pass.values, ...pass.combine.body])];
  }
}

function usesDoubles(program: Program, nodes: Iterable<Node>): boolean {
  if ([...program.inputs, ...program.outputs].some(({ dtype }) => dtype === "float64")) return true;
  if (program.buffers.includes("float64") || program.scalars.includes("float64")) return true;
  for (const node of nodes) if (node.type === "float64") return true;
  return false;
}
