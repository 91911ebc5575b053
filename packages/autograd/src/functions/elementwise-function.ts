import { Interner, type Expr, type ExprLike } from "@chain/array/kernel";
import type { Variable } from "../variable.js";
import { ElementwiseDefinition, exprOf, type ElementwiseFunctionOptions } from "./elementwise-definition.js";
import type { FunctionOperand } from "./elementwise-node.js";

export type { ElementwiseFunctionOptions, GradientContext } from "./elementwise-definition.js";
export type { FunctionOperand } from "./elementwise-node.js";

/**
 * Defines a differentiable elementwise function by its kernel alone: `body` says what it computes from symbolic scalars
 * (see `elementwise` in `@chain/array/kernel`), and gradients, gradients of gradients and so on are derived from it.
 *
 * ```ts
 * const softsign = elementwiseFunction("softsign", (x) => div(x, add(1, abs(x))));
 * const y = softsign(x); // a Variable; x may be a Variable or an array
 * ```
 *
 * Operands broadcast. Numbers are passed on to the kernel, so parameters such as a slope are further operands.
 */
export function elementwiseFunction<F extends (...xs: Expr[]) => ExprLike>(
  name: string,
  body: F,
  options: ElementwiseFunctionOptions = {},
): (...operands: OperandsOf<Parameters<F>>) => Variable {
  const arity = body.length;
  const interner = new Interner();
  const parameters = Array.from({ length: arity }, (_, index): Expr => ({ kind: "parameter", index }));
  const definition = new ElementwiseDefinition(
    name,
    arity,
    interner.intern(exprOf(body(...parameters))),
    interner,
    options,
  );
  switch (arity) {
    case 1:
      return ((x: FunctionOperand) => definition.call1(x)) as (...operands: readonly FunctionOperand[]) => Variable;
    case 2:
      return ((x: FunctionOperand, y: FunctionOperand) => definition.call2(x, y)) as (
        ...operands: readonly FunctionOperand[]
      ) => Variable;
    default:
      return (...operands: readonly FunctionOperand[]) => definition.call(operands);
  }
}

/** An operand for each parameter of a body. */
export type OperandsOf<P extends readonly unknown[]> = { [K in keyof P]: FunctionOperand };
