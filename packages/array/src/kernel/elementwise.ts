import { NdArray } from "../ndarray.js";
import type { Expr } from "./expr.js";
import {
  callable,
  type Initial,
  type KernelOutput,
  type KernelResult,
  type KernelTarget,
  type Operands,
  type SplitArguments,
} from "./callable.js";
import { ElementwiseCore } from "./elementwise-core.js";
import type { KernelRun } from "./run-together.js";
import {
  namedExprs,
  noParameters,
  parameterExprs,
  parameterNames,
  type KernelParameters,
  type NamedExprs,
  type NamedValues,
  type Operand,
} from "./launch.js";

/** A compiled-on-demand elementwise kernel; call it with its operands. */
export interface ElementwiseKernel<A extends readonly unknown[], R> {
  (...args: A): KernelOutput<R>;
  readonly kernelName: string;
  /** Writes into existing arrays (which may be operands: in place) instead of new ones. */
  into(out: KernelTarget<R>, ...args: A): void;
  /** As {@link into}, to be started by {@link runTogether}. */
  prepare(out: KernelTarget<R>, ...args: A): KernelRun;
  /** The traced expression and, given arguments, the code that the device would run for them. */
  print(...args: A | []): string;
}

/**
 * Defines an elementwise operation: `body` maps symbolic scalars, one an operand, to one result or to several. It is
 * called once, to record the expression; the kernel is compiled for the dtypes and layouts that it is run with.
 *
 * Operands broadcast as in NumPy and may be JavaScript numbers. With `parameters`, the body's last argument holds the
 * named ones, and so does the last argument of a run:
 *
 * ```ts
 * const axpy = elementwise("axpy", { scalars: ["a"] }, (x, y, { a }) => add(mul(a, x), y));
 * const z = axpy(x, y, { a: 2 });
 * axpy.into(y, x, y, { a: 2 }); // in place
 * ```
 */
export interface DefineElementwise {
  <F extends (...operands: Expr[]) => KernelResult>(
    name: string,
    body: F,
  ): ElementwiseKernel<Operands<Parameters<F>>, ReturnType<F>>;
  // Only the last argument holds the named parameters; the compiler cannot tell which one a body means by "last".
  <
    S extends string = never,
    U extends string = never,
    B extends string = never,
    F extends (...args: (Expr & NamedExprs<S, U, B>)[]) => KernelResult = (
      ...args: (Expr & NamedExprs<S, U, B>)[]
    ) => KernelResult,
  >(
    name: string,
    parameters: KernelParameters<S, U, B>,
    body: F,
  ): ElementwiseKernel<[...Operands<Initial<Parameters<F>>>, NamedValues<S, U, B>], ReturnType<F>>;
}

export const elementwise: DefineElementwise = (
  name: string,
  parametersOrBody: KernelParameters<string, string, string> | ((...args: never[]) => KernelResult),
  maybeBody?: (...args: never[]) => KernelResult,
) => {
  const body = (typeof parametersOrBody === "function" ? parametersOrBody : maybeBody) as (
    ...args: unknown[]
  ) => KernelResult;
  const named = typeof parametersOrBody === "function" ? null : parameterNames(parametersOrBody);
  const count = body.length - (named === null ? 0 : 1);
  const inputs = parameterExprs(count);
  const result = body(...(named === null ? inputs : [...inputs, namedExprs(named)]));
  const core = new ElementwiseCore(name, count, named ?? noParameters, result);
  const split: SplitArguments =
    named === null
      ? (args) => [args as Operand[], null]
      : (args) => [args.slice(0, -1) as Operand[], args.at(-1) as Record<string, unknown>];
  const prepare = (out: NdArray | readonly NdArray[], ...args: unknown[]): KernelRun => {
    const [operands, values] = split(args);
    return core.prepare(out instanceof NdArray ? [out] : out, operands, values);
  };
  return Object.assign(callable(core, split), { prepare }) as never;
};
