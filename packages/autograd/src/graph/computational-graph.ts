import { ValueError } from "@chain/array";
import type { FunctionNode } from "../function-node.js";
import { Variable } from "../variable.js";
import type { VariableNode } from "../variable-node.js";

/** Attributes of Graphviz nodes: `{ shape: "box", fillcolor: "#E0E0E0" }`. */
export type GraphStyle = Readonly<Record<string, string>>;

/** How a graph is drawn. */
export interface ComputationalGraphOptions {
  /** Attributes of variables. */
  readonly variableStyle?: GraphStyle;
  /** Attributes of functions; or those of a given one. */
  readonly functionStyle?: GraphStyle | ((fn: FunctionNode) => GraphStyle);
  /** Direction: from top to bottom (the default), bottom to top, left to right, right to left. */
  readonly rankdir?: "TB" | "BT" | "LR" | "RL";
  /** Shows functions only. Default false. */
  readonly removeVariable?: boolean;
  /** Shows the names of variables. Default true. */
  readonly showName?: boolean;
}

/** A part of a graph: what a variable or a function is in it. */
export type GraphNode = VariableNode | FunctionNode;

const defaultVariableStyle: GraphStyle = { shape: "octagon", fillcolor: "#E0E0E0", style: "filled" };
const defaultFunctionStyle: GraphStyle = { shape: "record", fillcolor: "#6495ED", style: "filled" };

/** The functions and variables that led to some variables, and how they hang together. */
export class ComputationalGraph {
  constructor(
    /** From the outputs back. */
    readonly nodes: readonly GraphNode[],
    /** From where to where data flowed. */
    readonly edges: readonly (readonly [from: GraphNode, to: GraphNode])[],
    private readonly options: ComputationalGraphOptions,
  ) {}

  /**
   * The graph in Graphviz's DOT language, the one format that there is. Nodes are numbered, so that equal graphs give
   * equal text.
   */
  dump(format: "dot" = "dot"): string {
    if (format !== "dot") throw new ValueError(`a graph is dumped as "dot", not as "${String(format)}"`);
    const ids = new Map(this.nodes.map((node, i) => [node, `n${i}`]));
    const lines = this.nodes.map((node) => `  ${ids.get(node)} [${attributes(this.styleOf(node))}];`);
    const arrows = this.edges.map(([from, to]) => `  ${ids.get(from)} -> ${ids.get(to)};`);
    const { rankdir = "TB" } = this.options;
    return ["digraph graphname {", `  rankdir=${rankdir};`, ...lines, ...arrows, "}", ""].join("\n");
  }

  private styleOf(node: GraphNode): GraphStyle {
    const {
      variableStyle = defaultVariableStyle,
      functionStyle = defaultFunctionStyle,
      showName = true,
    } = this.options;
    if (isFunction(node)) {
      const style = typeof functionStyle === "function" ? functionStyle(node) : functionStyle;
      return { label: node.label, ...style };
    }
    const { label, name } = node;
    return { label: showName || name === null ? label : label.slice(name.length + 2), ...variableStyle };
  }
}

function isFunction(node: GraphNode): node is FunctionNode {
  return "inputs" in node;
}

function attributes(style: GraphStyle): string {
  return Object.entries(style)
    .map(([key, value]) => `${key}="${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`)
    .join(",");
}

/**
 * The graph of everything that `outputs` were computed from (Chainer's `build_computational_graph`), for drawing:
 *
 * ```ts
 * const dot = buildComputationalGraph([loss]).dump();
 * const svg = await renderSvg(dot);
 * ```
 */
export function buildComputationalGraph(
  outputs: Variable | readonly Variable[],
  options: ComputationalGraphOptions = {},
): ComputationalGraph {
  const { removeVariable = false } = options;
  const nodes: GraphNode[] = [];
  const edges: [GraphNode, GraphNode][] = [];
  const seen = new Set<GraphNode>();
  const pending: FunctionNode[] = [];
  const add = (node: GraphNode): boolean => {
    if (seen.has(node)) return false;
    seen.add(node);
    nodes.push(node);
    return true;
  };
  const addFunction = (fn: FunctionNode): void => {
    if (add(fn)) pending.push(fn);
  };
  const addVariable = (node: VariableNode): void => {
    if (!add(node) || node.creator === null) return;
    edges.push([node.creator, node]);
    addFunction(node.creator);
  };
  for (const output of outputs instanceof Variable ? [outputs] : outputs) {
    if (!removeVariable) addVariable(output.node);
    else if (output.creator !== null) addFunction(output.creator);
  }
  for (let fn = takeLatest(pending); fn !== undefined; fn = takeLatest(pending)) {
    for (const input of new Set(fn.inputs ?? [])) {
      if (!removeVariable) {
        edges.push([input, fn]);
        addVariable(input);
      } else if (input.creator !== null) {
        edges.push([input.creator, fn]);
        addFunction(input.creator);
      }
    }
  }
  return new ComputationalGraph(nodes, edges, options);
}

/** The function of highest rank, so that nodes come in the order of the computation, backwards. */
function takeLatest(pending: FunctionNode[]): FunctionNode | undefined {
  let best = 0;
  for (let i = 1; i < pending.length; i++) {
    if ((pending[i] as FunctionNode).rank > (pending[best] as FunctionNode).rank) best = i;
  }
  return pending.splice(best, 1)[0];
}
