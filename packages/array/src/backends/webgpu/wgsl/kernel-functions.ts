/** Operations that WGSL has no instruction for, or none that is exact enough: functions written in the kernel language. */
import { elementaryExpansion } from "../../../kernel/elementary.js";
import type { Expr } from "../../../kernel/expr.js";
import type { OpName } from "../../../kernel/ops-table.js";
import { specialExpansions } from "../special.js";

const prefix = "kernel_";

/** Whether an operation on float32 is a function of its own in shaders. */
export function isKernelFunction(op: string): op is OpName {
  return expansionOf(op as OpName) !== undefined;
}

/** What the function of an operation is called. */
export function kernelFunctionName(op: string): string {
  return prefix + op;
}

/** The expansion behind a function's name. */
export function expansionNamed(name: string): { op: OpName; expand: (...args: Expr[]) => Expr } | undefined {
  if (!name.startsWith(prefix)) return undefined;
  const op = name.slice(prefix.length) as OpName;
  const expand = expansionOf(op);
  return expand === undefined ? undefined : { op, expand };
}

function expansionOf(op: OpName): ((...args: Expr[]) => Expr) | undefined {
  return specialExpansions[op] ?? elementaryExpansion(op, "float32");
}
