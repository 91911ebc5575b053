import { nodeArgs, type Node } from "../../../kernel/program.js";
import { isKernelFunction, kernelFunctionName } from "./kernel-functions.js";
import { librarySource } from "./library.js";

/** Bodies up to this length are written out for four elements: more takes a software GPU seconds to compile. */
export const longestUnrolled = 64;
/** What a reduction maps elements to, for eight. */
const shortMap = 12;

/** Whether the source of nodes is so short that it may be written many times. */
export function isShort(roots: readonly Node[]): boolean {
  return sourceLength(roots) <= shortMap;
}

/** About how long the source of nodes is, in lines; that of functions counts wherever they are called. */
export function sourceLength(roots: readonly Node[]): number {
  const seen = new Set<Node>();
  let length = 0;
  const visit = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    length += node.kind === "op" && node.type === "float32" && isKernelFunction(node.op) ? functionLength(node.op) : 1;
    nodeArgs(node).forEach(visit);
  };
  roots.forEach(visit);
  return length;
}

const lengths = new Map<string, number>();

function functionLength(op: string): number {
  let length = lengths.get(op);
  if (length === undefined) {
    length = librarySource(`${kernelFunctionName(op)}(`).split("\n").length;
    lengths.set(op, length);
  }
  return length;
}
