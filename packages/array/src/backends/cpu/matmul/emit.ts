import type { FunctionBuilder, Local } from "../wasm/assembler.js";

/** `while (index < end) { body; index += step }`, unsigned. */
export function emitFor(f: FunctionBuilder, index: Local, end: Local, step: number, body: () => void): void {
  f.block((done) => {
    f.loop((next) => {
      f.get(index).get(end).op("i32.ge_u").brIf(done);
      body();
      f.get(index).i32(step).op("i32.add").set(index).br(next);
    });
  });
}

/** `variable += amount`. */
export function emitAdvance(f: FunctionBuilder, variable: Local, amount: Local | number): void {
  f.get(variable);
  if (typeof amount === "number") f.i32(amount);
  else f.get(amount);
  f.op("i32.add").set(variable);
}

/** `result = min(a, b)`, unsigned. */
export function emitMinimum(f: FunctionBuilder, a: Local, b: Local, result: Local): void {
  f.get(a).get(b).get(a).get(b).op("i32.lt_u").op("select").set(result);
}

/** An i32 local variable for each name. */
export function i32Locals<const Name extends string>(
  f: FunctionBuilder,
  ...names: Name[]
): Readonly<Record<Name, Local>> {
  return Object.fromEntries(names.map((name) => [name, f.local("i32")])) as Record<Name, Local>;
}

/** Names for the 32-bit words of an argument block. */
export type ArgumentLayout<Name extends string> = Readonly<Record<Name, number>>;

/** Numbers argument words in the order given; the groups are for reading only. */
export function argumentLayout<const Name extends string>(...groups: (readonly Name[])[]): ArgumentLayout<Name> {
  return Object.fromEntries(groups.flat().map((name, at) => [name, at])) as ArgumentLayout<Name>;
}

/** Loads every word of the argument block at `args` into a local variable of its own. */
export function emitLoadArguments<Name extends string>(
  f: FunctionBuilder,
  args: Local,
  layout: ArgumentLayout<Name>,
): Readonly<Record<Name, Local>> {
  const names = Object.keys(layout) as Name[];
  const locals = i32Locals(f, ...names);
  for (const name of names) {
    f.get(args)
      .load("i32.load", { offset: 4 * layout[name] })
      .set(locals[name]);
  }
  return locals;
}
