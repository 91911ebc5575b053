/** Operations that WGSL has no instruction for, or none that is exact enough: functions written in the kernel language. */
import { elementaryExpansion } from "../../../kernel/elementary.js";
import type { OpName } from "../../../kernel/ops-table.js";
import { gammaExpansions } from "../../../kernel/gamma-expansions.js";

const prefix = "kernel_";

/** Whether an operation on float32 is a function of its own in shaders. */
export function isKernelFunction(op: string): op is OpName {
  return op in gammaExpansions || elementaryExpansion(op as OpName, "float32") !== undefined;
}

/** What the function of an operation is called. */
export function kernelFunctionName(op: string): string {
  return prefix + op;
}

/** The operation behind a function's name. */
export function operationNamed(name: string): OpName | undefined {
  const op = name.slice(prefix.length);
  return name.startsWith(prefix) && isKernelFunction(op) ? op : undefined;
}
