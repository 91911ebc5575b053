import type { Node, Program } from "../../../kernel/program.js";
import { ModuleBuilder, type FunctionBuilder, type MemoryType } from "../wasm/assembler.js";
import { ArgumentLayout } from "./arguments.js";
import { emitElementwise } from "./elementwise.js";
import type { Context } from "./emitter.js";
import { Library } from "./library.js";
import { LocalPool } from "./locals.js";
import { allNodes } from "./nodes.js";
import { ScalarMachine } from "./scalar-machine.js";
import { Unsupported } from "./unsupported.js";
import { VectorMachine } from "./vector-machine.js";

/** A program as a WebAssembly module that exports `run(args, begin, end)`. */
export interface GeneratedKernel {
  readonly module: ModuleBuilder;
  readonly layout: ArgumentLayout;
  /** Elements that are computed at a time. */
  readonly lanes: 1 | 4;
  /** Whether it imports functions of this package, which other threads do not have. */
  readonly usesSpecial: boolean;
}

/**
 * Compiles a program.
 *
 * @throws Unsupported if it has something that only the JavaScript generator knows
 */
export function generateKernel(program: Program, memory: MemoryType): GeneratedKernel {
  const roots = rootsOf(program);
  const nodes = allNodes(roots);
  const lanes = usesDoubles(program, nodes) ? 1 : 4;
  const module = new ModuleBuilder({ memory });
  const library = new Library(module, nodes);
  const contextOf = (f: FunctionBuilder): Context => {
    const pool = new LocalPool(f);
    return { f, pool, machine: new (lanes === 1 ? ScalarMachine : VectorMachine)(f, pool, library) };
  };
  const run = module.function("run", { params: ["i32", "i32", "i32"], results: [] });
  switch (program.kind) {
    case "elementwise": {
      const layout = new ArgumentLayout(program);
      emitElementwise(run, contextOf(run), program, layout);
      return { module, layout, lanes, usesSpecial: library.usesSpecial };
    }
    default:
      throw new Unsupported(program.kind);
  }
}

/** All results that a program computes. */
function rootsOf(program: Program): readonly Node[] {
  switch (program.kind) {
    case "elementwise":
      return program.body;
    case "reduction":
      return [...program.map, ...program.combine.body, ...program.finish];
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
