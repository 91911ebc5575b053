import type { FunctionNode } from "./function-node.js";
import type { Variable } from "./variable.js";

/** Cuts every function that led to `variable` out of the graph (Chainer's `Variable.unchain_backward`). */
export function unchainBackward(variable: Variable): void {
  const stack: FunctionNode[] = [];
  const seen = new Set<FunctionNode>();
  const visit = (fn: FunctionNode | null): void => {
    if (fn === null || seen.has(fn)) return;
    seen.add(fn);
    stack.push(fn);
  };
  visit(variable.creator);
  for (let fn = stack.pop(); fn !== undefined; fn = stack.pop()) {
    for (const node of fn.inputs ?? []) visit(node.creator);
    fn.unchain();
  }
}
