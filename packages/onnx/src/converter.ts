import { ChainError } from "@chain/array";
import type { FunctionNode } from "@chain/autograd";
import type { OnnxGraph } from "./onnx-graph.js";

/**
 * Translates a run of a function: adds nodes to the graph that compute from the values named `inputs` what the function
 * computes, and returns the names of the results.
 */
export type Converter<N extends FunctionNode> = (
  node: N,
  inputs: readonly string[],
  graph: OnnxGraph,
) => string | readonly string[];

/** A class of function nodes. */
export type NodeClass<N extends FunctionNode> = abstract new (...args: never[]) => N;

/** A model uses a function that there is no converter for, or in a way that ONNX has no words for. */
export class UnsupportedFunctionError extends ChainError {
  override readonly name = "UnsupportedFunctionError";
}

const converters = new Map<unknown, Converter<never>>();

/**
 * Says how a function is translated, one of Chain's or one of your own; the latest word counts. Elementwise functions and
 * cells (`elementwiseFunction`, `cellFunction`) need none: their expressions are translated.
 *
 * ```ts
 * registerConverter(Square, (_node, [x], graph) => graph.op("Mul", [x, x]));
 * ```
 */
export function registerConverter<N extends FunctionNode>(type: NodeClass<N>, converter: Converter<N>): void {
  converters.set(type, converter);
}

/** Translates a run of a function; gives the names of its results. */
export function convert(node: FunctionNode, inputs: readonly string[], graph: OnnxGraph): readonly string[] {
  const converter = converters.get(node.constructor) as Converter<FunctionNode> | undefined;
  if (converter === undefined) {
    throw new UnsupportedFunctionError(
      `${node.label} cannot be exported: there is no converter for it; add one with registerConverter(${node.constructor.name}, …)`,
    );
  }
  const results = converter(node, inputs, graph);
  return typeof results === "string" ? [results] : results;
}
