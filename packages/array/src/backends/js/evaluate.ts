/** Expressions on plain numbers, for backends that interpret programs instead of compiling them. */
import { nodeArgs, type Node } from "../../kernel/program.js";
import { nodeSource } from "./expression.js";
import { support } from "./support.js";

/** A node whose value depends on where a kernel is: an element, a position, a scalar, the value of a row. */
export type Leaf = Extract<Node, { kind: "parameter" | "scalar" | "index" | "size" | "rowValue" | "at" }>;

/** The value of a leaf now; for `at` the second argument is the position to read at. */
export type LeafValue = (leaf: Leaf, at: number) => number;

type Operation = (a: number, b: number, c: number) => number;

const operations = new Map<string, Operation>();

/**
 * A function that computes expressions, each of their nodes once a call, as the kernel language defines them: bools are 0 and 1,
 * float32 is rounded at every step, integers wrap. Leaves are asked for.
 */
export function evaluator(nodes: readonly Node[], leaf: LeafValue): () => number[] {
  const slots = new Map<Node, number>();
  const values: number[] = [];
  const steps: (() => void)[] = [];
  const place = (node: Node): number => {
    const known = slots.get(node);
    if (known !== undefined) return known;
    const [a = 0, b = 0, c = 0] = nodeArgs(node).map(place);
    const slot = values.push(0) - 1;
    slots.set(node, slot);
    if (isLeaf(node)) steps.push(() => (values[slot] = leaf(node, values[a] as number)));
    else if (node.kind === "constant") values[slot] = node.value;
    else {
      const compute = operationOf(node);
      steps.push(() => (values[slot] = compute(values[a] as number, values[b] as number, values[c] as number)));
    }
    return slot;
  };
  const results = nodes.map(place);
  return () => {
    for (const step of steps) step();
    return results.map((slot) => values[slot] as number);
  };
}

function isLeaf(node: Node): node is Leaf {
  return ["parameter", "scalar", "index", "size", "rowValue", "at"].includes(node.kind);
}

/** What a node computes of its operands, out of the source that the generator has for it. */
function operationOf(node: Node): Operation {
  const source = nodeSource(node, ["a", "b", "c"]);
  let operation = operations.get(source);
  if (operation === undefined) {
    const make = new Function("$", `return (a, b, c) => ${source};`) as ($: object) => Operation;
    operation = make(support);
    operations.set(source, operation);
  }
  return operation;
}
