import type { Node, RowwiseProgram } from "../../../kernel/program.js";
import { costOf } from "./cost.js";
import { allNodes, RATE, Rates } from "./nodes.js";
import { rareNodes } from "./rare.js";

/** A value per element that a pass leaves in an output, where what comes later finds it instead of computing it again. */
export interface StoredValue {
  readonly node: Node;
  /** The first pass that computes it. */
  readonly pass: number;
  /** Where it is kept until the output's own values replace it. */
  readonly output: number;
}

/** Less than this is computed faster than loaded. */
const leastCost = 8;

/**
 * The most expensive value of a pass that is needed again, if an output can hold it exactly: softmax's e^x.
 *
 * @param vectors - whether vectors of an output's elements lie in one piece
 */
export function storedValueOf(program: RowwiseProgram, vectors: (output: number) => boolean): StoredValue | null {
  const { passes, body, per, outputs, inputs } = program;
  const rates = new Rates((node) => {
    if (node.kind === "parameter") return inputs[node.index]?.layout === "broadcast" ? RATE.row : RATE.element;
    return node.kind === "index" ? RATE.element : RATE.launch;
  });
  const stages = [...passes.map(({ values }) => values), body.filter((_, k) => per[k] === "element")].map((roots) => {
    const rare = rareNodes(roots);
    return new Set([...allNodes(roots)].filter((node) => !rare.has(node)));
  });
  let best: StoredValue | null = null;
  let bestCost = leastCost;
  passes.forEach((_, pass) => {
    for (const node of stages[pass] ?? []) {
      if (rates.of(node) !== RATE.element || stages.slice(0, pass).some((earlier) => earlier.has(node))) continue;
      if (!stages.slice(pass + 1).some((later) => later.has(node))) continue;
      const output = outputs.findIndex(
        ({ dtype }, k) => per[k] === "element" && vectors(k) && dtype === node.type && dtype !== "bool",
      );
      const cost = costOf([node], 4);
      if (output < 0 || cost < bestCost) continue;
      best = { node, pass, output };
      bestCost = cost;
    }
  });
  return best;
}
