import { ValueError } from "@chain/array";
import { Interner, type Expr, type ExprLike } from "@chain/array/kernel";
import type { Variable, VariableLike } from "../variable.js";
import { CellDefinition, type PackedArray } from "./cell-definition.js";
import { CellNode } from "./cell-node.js";
import { whole, type Packing } from "./cell-packing.js";
import { exprOf } from "./elementwise-definition.js";

export { blocks, interleaved, whole, type Packing } from "./cell-packing.js";

/** An input of a cell function: its name in messages, and how it is packed. */
export type CellInput = readonly [name: string, packing: Packing];

/** The symbolic scalars that a body is given for each input. */
export type CellParts<I extends readonly CellInput[]> = {
  readonly [K in keyof I]: I[K] extends readonly [string, Packing<infer N>] ? Scalars<N> : never;
};

/** N symbolic scalars. */
type Scalars<N extends number, P extends readonly Expr[] = []> = number extends N
  ? readonly Expr[]
  : P["length"] extends N
    ? P
    : Scalars<N, readonly [...P, Expr]>;

/** A Variable for each output. */
export type CellOutputs<O extends readonly string[]> = { -readonly [K in keyof O]: Variable };

/** A Variable, or an array without gradient, for each input. */
export type CellOperands<I extends readonly CellInput[]> = { readonly [K in keyof I]: VariableLike };

/**
 * Defines a differentiable function with several elementwise results that one kernel computes, from arrays of which some
 * hold several operands side by side: a recurrent cell and its gates, say. All gradients that are wanted are computed by
 * one kernel too, and those of gradients again; they are derived from `body`.
 *
 * ```ts
 * const minimal = cellFunction("minimal", [["c", whole], ["x", interleaved(2)]], ["c", "h"], ([c], [f, o]) => {
 *   const next = mul(c, tanh(f));
 *   return [next, mul(next, tanh(o))];
 * });
 * const [c1, h1] = minimal(c, x); // shapes (N, H), (N, 2 H) → (N, H), (N, H)
 * ```
 *
 * Operands do not broadcast. `body` is given a list of scalars for each input and returns an expression for each output.
 * Derivatives must be finite wherever the function is; so the sigmoid to use is {@link gate}.
 */
export function cellFunction<const I extends readonly CellInput[], const O extends readonly string[]>(
  name: string,
  inputs: I,
  outputs: O,
  body: (...parts: CellParts<I>) => readonly ExprLike[],
): (...operands: CellOperands<I>) => CellOutputs<O> {
  const arrays: PackedArray[] = inputs.map(([inputName, packing]) => ({ name: inputName, packing }));
  let count = 0;
  const parameters = arrays.map(({ packing }) =>
    Array.from({ length: packing.parts }, (): Expr => ({ kind: "parameter", index: count++ })),
  );
  const results = body(...(parameters as unknown as CellParts<I>));
  if (results.length !== outputs.length) {
    throw new ValueError(`${name}: the body gives ${results.length} results for ${outputs.length} outputs`);
  }
  const interner = new Interner();
  const definition = new CellDefinition(
    name,
    arrays,
    outputs.map((outputName, i) => ({
      name: outputName,
      packing: whole,
      exprs: [interner.intern(exprOf(results[i] as ExprLike))],
    })),
    interner,
  );
  return (...operands) => new CellNode(definition).apply(operands) as CellOutputs<O>;
}
