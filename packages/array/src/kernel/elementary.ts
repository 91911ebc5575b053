/**
 * Elementary functions written in the kernel language itself, for generators that have no instruction for them.
 * Each is accurate to a few units in the last place of its compute type.
 */
import type { Expr } from "./expr.js";
import type { OpName } from "./ops-table.js";
import type { ComputeType } from "./program.js";

type Expansion = (...args: Expr[]) => Expr;

const float32: Partial<Record<OpName, Expansion>> = {};

/** The expansion of an operation for one compute type, if there is one. */
export function elementaryExpansion(op: OpName, type: ComputeType): Expansion | undefined {
  return type === "float32" ? float32[op] : undefined;
}
