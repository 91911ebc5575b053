/** Whether integers of a launch stay where floats count exactly. */
import { nodeArgs, type Node } from "@chain/array/backend";

/** The smallest and the largest value that something can have. */
export type Interval = readonly [low: number, high: number];

/** Up to here every integer is a float32. */
export const exactLimit = 2 ** 24;

/** The nodes of integers in expressions, operands first. */
export function integerNodes(roots: readonly Node[]): Node[] {
  const found = new Set<Node>();
  const visited = new Set<Node>();
  const visit = (node: Node): void => {
    if (visited.has(node)) return;
    visited.add(node);
    nodeArgs(node).forEach(visit);
    if (node.type === "int32" || node.type === "uint32") found.add(node);
  };
  roots.forEach(visit);
  return [...found];
}

/** Whether all of the integers are exact as floats, given the intervals of leaves. `nodes` as {@link integerNodes} lists them. */
export function staysExact(nodes: readonly Node[], leaf: (node: Node) => Interval): boolean {
  const intervals = new Map<Node, Interval>();
  return nodes.every((node) => {
    const operands = nodeArgs(node).map((arg): Interval => intervals.get(arg) ?? [0, 1]);
    const [low, high] = intervalOf(node, operands, leaf);
    intervals.set(node, [low, high]);
    return low >= (node.type === "uint32" ? 0 : -exactLimit) && high <= exactLimit;
  });
}

function intervalOf(node: Node, operands: readonly Interval[], leaf: (node: Node) => Interval): Interval {
  const [[a, b] = [0, 0], [c, d] = [0, 0], third = [0, 0]] = operands;
  switch (node.kind) {
    case "constant":
      return [node.value, node.value];
    case "cast":
      return [a, b];
    case "op":
      break;
    default:
      return leaf(node);
  }
  const largest = Math.max(-a, b);
  switch (node.op) {
    case "add":
      return [a + c, b + d];
    case "sub":
      return [a - d, b - c];
    case "mul": {
      const corners = [a * c, a * d, b * c, b * d];
      return [Math.min(...corners), Math.max(...corners)];
    }
    case "neg":
      return [-b, -a];
    case "abs":
      return [0, largest];
    case "max":
    case "min":
      return [Math[node.op](a, c), Math[node.op](b, d)];
    case "where":
      return [Math.min(c, third[0]), Math.max(d, third[1])];
    case "idiv":
    case "fmod":
      return [a < 0 || c < 0 ? -largest : 0, a < 0 || c < 0 ? largest : b];
    default:
      return [-Infinity, Infinity];
  }
}
