import type { FunctionBuilder, Local } from "../wasm/assembler.js";
import type { CpuRuntime } from "../runtime.js";

/** Writes 32-bit words to an argument block and returns its address. */
export function writeWords({ args, memory }: CpuRuntime, words: readonly number[]): number {
  const address = args.allocate(4 * words.length);
  words.forEach((word, i) => (memory.u32[(address >>> 2) + i] = word));
  return address;
}

/** Variables with the first words of the argument block of `run(args, begin, end)`. */
export function readWords<const N extends readonly string[]>(
  f: FunctionBuilder,
  ...names: N
): { [K in N[number]]: Local } {
  const locals = names.map((name, i) => {
    const local = f.local("i32");
    f.get(f.param(0))
      .load("i32.load", { offset: 4 * i })
      .set(local);
    return [name, local] as const;
  });
  return Object.fromEntries(locals) as { [K in N[number]]: Local };
}
