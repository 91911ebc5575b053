import type { Program } from "../../../kernel/program.js";
import type { FunctionBuilder, ModuleBuilder } from "../wasm/assembler.js";
import type { ArgumentLayout } from "./arguments.js";
import type { Context } from "./emitter.js";
import type { Library } from "./library.js";
import { LocalPool } from "./locals.js";
import { ScalarMachine } from "./scalar-machine.js";
import { VectorMachine } from "./vector-machine.js";

/** A module that is being generated for a program. */
export interface ModuleContext<P extends Program = Program> {
  readonly module: ModuleBuilder;
  readonly program: P;
  readonly layout: ArgumentLayout;
  readonly lanes: 1 | 4;
  readonly library: Library;
}

/** What to emit code of one of the module's functions with. */
export function contextOf({ lanes, library }: Pick<ModuleContext, "lanes" | "library">, f: FunctionBuilder): Context {
  const pool = new LocalPool(f);
  return { f, pool, machine: new (lanes === 1 ? ScalarMachine : VectorMachine)(f, pool, library) };
}
