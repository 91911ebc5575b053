/** What elementwise and row-wise kernels have in common for those who define and call them. */
import { NdArray } from "../ndarray.js";
import type { ExprLike } from "./expr.js";
import type { Operand } from "./launch.js";

/** What a kernel's body may return: one output, or several (the tuple makes the compiler count them). */
export type KernelResult = ExprLike | readonly [ExprLike, ...ExprLike[]] | readonly ExprLike[];

/** What running it gives: an array, or one an output. */
export type KernelOutput<R> = R extends readonly unknown[] ? { [K in keyof R]: NdArray } : NdArray;

/** Where results go: an array for each output. */
export type KernelTarget<R> = R extends readonly unknown[] ? { readonly [K in keyof R]: NdArray } : NdArray;

/** An operand for each of a body's symbolic scalars. */
export type Operands<P extends readonly unknown[]> = { [K in keyof P]: Operand };

/** All but the last. */
export type Initial<P extends readonly unknown[]> = P extends readonly [...infer I, unknown] ? I : [];

/** What runs a kernel, behind the function that is called. `named` holds options and named parameters. */
export interface KernelCore {
  readonly name: string;
  run(
    out: readonly NdArray[] | null,
    operands: readonly Operand[],
    named: Record<string, unknown> | null,
  ): readonly NdArray[];
  /** A single output by itself, several as a list. */
  result(outputs: readonly NdArray[]): NdArray | readonly NdArray[];
  print(operands: readonly Operand[], named: Record<string, unknown> | null): string;
  printExpression(): string;
}

/** The arguments of a call: operands, and what follows them. */
export type SplitArguments = (
  args: readonly unknown[],
) => readonly [operands: readonly Operand[], named: Record<string, unknown> | null];

/** The function that users call, with its methods. */
export interface CallableKernel {
  (...args: unknown[]): NdArray | readonly NdArray[];
  readonly kernelName: string;
  into(out: NdArray | readonly NdArray[], ...args: unknown[]): void;
  print(...args: unknown[]): string;
}

/** Makes a kernel callable. */
export function callable(core: KernelCore, split: SplitArguments): CallableKernel {
  const run = (...args: unknown[]): NdArray | readonly NdArray[] => {
    const [operands, named] = split(args);
    return core.result(core.run(null, operands, named));
  };
  return Object.assign(run, {
    kernelName: core.name,
    into: (out: NdArray | readonly NdArray[], ...args: unknown[]): void => {
      const [operands, named] = split(args);
      core.run(out instanceof NdArray ? [out] : out, operands, named);
    },
    print: (...args: unknown[]): string => {
      if (args.length === 0) return core.printExpression();
      const [operands, named] = split(args);
      return core.print(operands, named);
    },
  });
}
