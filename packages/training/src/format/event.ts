/** TensorBoard's events, as bytes: messages of `tensorflow/core/util/event.proto` and what belongs to it. */
import { ValueError } from "@chain/array";
import { FunctionNode, type ComputationalGraph, type GraphNode } from "@chain/autograd";
import { protobuf } from "@chain/links/serializers";

const { double, doubles, float, integer, message, nested, text } = protobuf;

/** What an event tells of. */
export type EventContents =
  | { readonly kind: "version" }
  | { readonly kind: "scalars"; readonly values: Readonly<Record<string, number>> }
  | { readonly kind: "histogram"; readonly name: string; readonly values: ArrayLike<number> }
  | { readonly kind: "graph"; readonly graph: ComputationalGraph };

/**
 * An event.
 *
 * @param wallTime seconds since 1970
 * @param step number of the iteration
 */
export function encodeEvent(wallTime: number, step: number, contents: EventContents): Uint8Array {
  return message(double(1, wallTime), integer(2, step), encodeContents(contents));
}

function encodeContents(contents: EventContents): Uint8Array {
  switch (contents.kind) {
    case "version":
      return text(3, "brain.Event:2");
    case "graph":
      return nested(4, graphDef(contents.graph));
    case "scalars": {
      const values = Object.entries(contents.values).map(([tag, value]) =>
        nested(1, message(text(1, tag), float(2, value))),
      );
      return nested(5, message(...values));
    }
    case "histogram": {
      const value = message(text(1, contents.name), nested(5, histogram(contents.values)));
      return nested(5, nested(1, value));
    }
  }
}

/** Buckets of a histogram. */
const bucketCount = 30;

/** A `HistogramProto`: buckets of equal width; numbers that are not finite are left out. */
function histogram(values: ArrayLike<number>): Uint8Array {
  let [min, max, sum, squares, count] = [Infinity, -Infinity, 0, 0, 0];
  const finite = Float64Array.from(values).filter(Number.isFinite);
  for (const value of finite) {
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    squares += value * value;
    count++;
  }
  if (count === 0) [min, max] = [0, 0];
  const buckets = Array.from({ length: bucketCount }, () => 0);
  const width = (max - min) / bucketCount;
  for (const value of finite) {
    const bucket = width > 0 ? Math.min(bucketCount - 1, Math.floor((value - min) / width)) : 0;
    buckets[bucket] = (buckets[bucket] as number) + 1;
  }
  const limits = buckets.map((_, i) => (i === bucketCount - 1 ? max : min + width * (i + 1)));
  return message(
    double(1, min),
    double(2, max),
    double(3, count),
    double(4, sum),
    double(5, squares),
    doubles(6, limits),
    doubles(7, buckets),
  );
}

/** A `GraphDef`: functions with those whose results they take; and variables that nothing has computed. */
function graphDef({ edges, nodes }: ComputationalGraph): Uint8Array {
  const creators = new Map<GraphNode, GraphNode>();
  const inputs = new Map<GraphNode, GraphNode[]>();
  for (const [from, to] of edges) {
    if (from instanceof FunctionNode) creators.set(to, from);
    else inputs.set(to, [...(inputs.get(to) ?? []), from]);
  }
  // Data flows from the end of the list to its start; a reader expects it the other way round.
  const shown = nodes.toReversed().filter((node) => node instanceof FunctionNode || !creators.has(node));
  const names = uniqueNames(shown);
  const nameOf = (node: GraphNode): string => {
    const name = names.get(creators.get(node) ?? node);
    if (name === undefined) throw new ValueError(`the graph has an edge from a node that it has not: ${node.label}`);
    return name;
  };
  const defs = shown.map((node) => {
    const from = (inputs.get(node) ?? []).map((input) => text(3, nameOf(input)));
    return nested(1, message(text(1, nameOf(node)), text(2, opOf(node)), ...from));
  });
  return message(...defs, nested(4, integer(1, 27)));
}

function opOf(node: GraphNode): string {
  return node instanceof FunctionNode ? node.label : "Variable";
}

/** Names that can be in a graph, each once. */
function uniqueNames(nodes: readonly GraphNode[]): Map<GraphNode, string> {
  const names = new Map<GraphNode, string>();
  const taken = new Set<string>();
  for (const node of nodes) {
    const given = node instanceof FunctionNode ? node.label : (node.name ?? "input");
    const base = given.replaceAll(/[^\w.\\/-]/g, "_").replace(/^[^A-Za-z0-9.]+/, "") || "node";
    let name = base;
    for (let ordinal = 1; taken.has(name); ordinal++) name = `${base}_${ordinal}`;
    taken.add(name);
    names.set(node, name);
  }
  return names;
}
