/** Parts of graphs that are hardly ever needed, and so deserve a branch: the first alternative of a `where` that says so. */
import { nodeArgs, type Node } from "../../../kernel/program.js";
import { argOf, type OpNode } from "./nodes.js";

/** A selection whose first alternative hardly any element takes. */
export function isRareSelection(node: Node): node is OpNode {
  return node.kind === "op" && node.hint === "rare";
}

/** The nodes that nothing but the first alternative of such a selection needs. `uses` says how often a node is an operand. */
export function neededRarely(selection: OpNode, uses: (node: Node) => number): ReadonlySet<Node> {
  const own = new Set<Node>();
  const seen = new Map<Node, number>();
  const visit = (node: Node): void => {
    const times = (seen.get(node) ?? 0) + 1;
    seen.set(node, times);
    if (node.kind === "constant" || times < uses(node)) return;
    own.add(node);
    nodeArgs(node).forEach(visit);
  };
  visit(argOf(selection, 1));
  return own;
}

/** All nodes of graphs that are needed in such cases alone. */
export function rareNodes(roots: readonly Node[]): ReadonlySet<Node> {
  const uses = new Map<Node, number>();
  const selections: OpNode[] = [];
  const count = (node: Node): void => {
    const before = uses.get(node) ?? 0;
    uses.set(node, before + 1);
    if (before > 0) return;
    if (isRareSelection(node)) selections.push(node);
    nodeArgs(node).forEach(count);
  };
  roots.forEach(count);
  return new Set(selections.flatMap((node) => [...neededRarely(node, (used) => uses.get(used) ?? 0)]));
}
