/** Rough estimates of how long generated code takes, for decisions that do not change results. */
import type { CombineGraph, InputType, Node, Program, ReductionProgram } from "../../../kernel/program.js";
import { isImported } from "./library.js";
import { allNodes, isFloat, operandType } from "./nodes.js";
import { rareNodes } from "./rare.js";

/** Time of one element's operations, in units of an addition; what is needed rarely does not count. */
export function costOf(roots: readonly Node[], lanes: 1 | 4): number {
  let cost = 0;
  const rare = rareNodes(roots);
  for (const node of allNodes(roots)) if (!rare.has(node)) cost += nodeCost(node, lanes);
  return cost;
}

function nodeCost(node: Node, lanes: 1 | 4): number {
  // What is done lane by lane costs as many times what it would cost in a vector.
  switch (node.kind) {
    case "op": {
      if (isFloat(operandType(node)) && isImported(node.op)) return 40 * lanes;
      if (node.op === "fmod" || node.op === "idiv" || node.op === "ipow") return 10 * lanes;
      return node.op === "div" || node.op === "sqrt" ? 3 : 1;
    }
    case "at":
      return 2 * lanes;
    case "roundHalf":
      return 20;
    case "cast":
    case "index":
      return 1;
    default:
      return 0;
  }
}

/** Copies of an inner loop's body that keep the processor busy: several of a short one, one of a long one. */
export function unrollFor(roots: readonly Node[]): number {
  let count = roots.length;
  for (const node of allNodes(roots)) if (node.kind !== "constant" && node.kind !== "scalar") count++;
  return count <= 5 ? 8 : count <= 12 ? 4 : 1;
}

/** Values that one accumulator takes up one after the other before it is combined with others, pairwise. */
export const chain = 32;

/** Accumulators that a loop along a line alternates between, so that it need not wait for each combination. */
export function accumulatorsFor(
  values: readonly Node[],
  combine: CombineGraph,
  inputs: readonly { readonly layout: InputType["layout"] }[],
): 1 | 2 | 4 {
  if (inputs.some(({ layout }) => layout === "strided")) return 1;
  const cost = costOf([...values, ...combine.body], 4);
  return cost <= 8 ? 4 : cost <= 16 ? 2 : 1;
}

/** How a reduction takes up elements in order. */
export function appendOf({ append, combine }: ReductionProgram): CombineGraph {
  return append ?? combine;
}

/** Time of one element of a program: operations, loads and stores. */
export function elementCost(program: Program, lanes: 1 | 4): number {
  const roots =
    program.kind === "elementwise"
      ? program.body
      : program.kind === "reduction"
        ? [...program.map, ...appendOf(program).body]
        : [...program.body, ...program.passes.flatMap((pass) => [...pass.values, ...pass.combine.body])];
  // A reduction has few results.
  const operands = program.kind === "reduction" ? program.inputs : [...program.outputs, ...program.inputs];
  const moved = operands.reduce((sum, { layout, dtype }) => {
    if (layout === "number" || layout === "broadcast") return sum;
    return sum + (layout === "strided" ? 4 : 1) + (dtype === "float16" ? 8 : 0);
  }, 0);
  return moved + costOf(roots, lanes);
}
