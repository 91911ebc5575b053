/** The associative operations that reductions are made of. */
import { toExpr, type Expr, type ExprLike, type Monoid } from "./expr.js";
import { resultExprs, type Lowering } from "./lower.js";
import { add, logicalAnd, logicalOr, max, min, mul } from "./ops.js";
import type { CombineGraph, Node } from "./program.js";
import type { DType } from "../dtype.js";
import { constantOf, computeType } from "./lower.js";

/** A monoid over one component. */
export function monoid(identity: number, combine: (a: Expr, b: Expr) => ExprLike): Monoid {
  return { identity: [identity], combine: ([a], [b]) => [combine(a as Expr, b as Expr)] };
}

export const sumMonoid: Monoid = monoid(0, add);
export const prodMonoid: Monoid = monoid(1, mul);
export const maxMonoid: Monoid = monoid(-Infinity, max);
export const minMonoid: Monoid = monoid(Infinity, min);
export const anyMonoid: Monoid = monoid(0, logicalOr);
export const allMonoid: Monoid = monoid(1, logicalAnd);

/** Types a monoid for states of given dtypes. `lowering` must know parameters `c` and `n + c` by those dtypes. */
export function lowerMonoid(
  { identity, combine }: Monoid,
  dtypes: readonly DType[],
  kernel: string,
  loweringOver: (parameters: readonly DType[]) => Lowering,
): CombineGraph {
  const n = dtypes.length;
  const parameter = (index: number): Expr => ({ kind: "parameter", index });
  const left = dtypes.map((_, i) => parameter(i));
  const right = dtypes.map((_, i) => parameter(n + i));
  const { exprs } = resultExprs([...combine(left, right)].map(toExpr), kernel);
  const lowering = loweringOver([...dtypes, ...dtypes]);
  const body: Node[] = exprs.map((expr, i) => lowering.lowerTo(expr, dtypes[i] as DType));
  return {
    identity: identity.map((value, i) => constantOf(value, dtypes[i] as DType)),
    types: dtypes.map(computeType),
    body,
  };
}
