/** Questions about typed graphs that the generators ask before they emit anything. */
import { nodeArgs, type ComputeType, type Node } from "../../../kernel/program.js";

export type OpNode = Extract<Node, { kind: "op" }>;

/** Every node of the graphs once, operands first. */
export function allNodes(roots: Iterable<Node>): Set<Node> {
  const seen = new Set<Node>();
  const visit = (node: Node): void => {
    if (seen.has(node)) return;
    nodeArgs(node).forEach(visit);
    seen.add(node);
  };
  for (const root of roots) visit(root);
  return seen;
}

/** The operand of a node that has to have it. */
export function argOf(node: Node, position: number): Node {
  const arg = nodeArgs(node)[position];
  if (arg === undefined) throw new Error(`${node.kind} without operand ${position}`);
  return arg;
}

/** The type in which an operation's operands are given; of a selection, the type of what is selected. */
export function operandType(node: OpNode): ComputeType {
  return argOf(node, node.args.length - 1).type;
}

export function isFloat(type: ComputeType): boolean {
  return type === "float32" || type === "float64";
}

/** How often a value changes: never in a launch, from row to row, or from element to element. */
export const RATE = { launch: 0, row: 1, element: 2 } as const;
export type Rate = (typeof RATE)[keyof typeof RATE];

/** Rates of all nodes, from those of the leaves. */
export class Rates {
  readonly #known = new Map<Node, Rate>();

  constructor(private readonly leaf: (node: Node) => Rate) {}

  of(node: Node): Rate {
    let rate = this.#known.get(node);
    if (rate === undefined) {
      rate = nodeArgs(node).length === 0 ? this.leaf(node) : RATE.launch;
      for (const arg of nodeArgs(node)) rate = Math.max(rate, this.of(arg)) as Rate;
      this.#known.set(node, rate);
    }
    return rate;
  }
}
