import { nodeArgs, type Node } from "./program.js";

/**
 * Whether a compiler that treats floats as real numbers could cancel operand i of a sum against the rest of it, as in
 * (1 + x) - 1: the error that compensated arithmetic is after would be optimized away.
 */
export function mightCancel(node: Node, i: number): boolean {
  const args = nodeArgs(node);
  const operand = args[i] as Node;
  if (!isFloatSum(node) || !isFloatSum(operand)) return false;
  const other = args[1 - i] as Node;
  const parts = nodeArgs(operand);
  if (parts.includes(other)) return true;
  if (other.kind === "constant") return parts.some(({ kind }) => kind === "constant");
  return isFloatSum(other) && nodeArgs(other).some((part) => parts.includes(part));
}

function isFloatSum(node: Node): boolean {
  return node.kind === "op" && node.type === "float32" && (node.op === "add" || node.op === "sub");
}
