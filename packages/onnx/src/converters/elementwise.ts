/** Elementwise functions and cells: their expressions are translated, so that one converter does for all of them. */
import type { DType } from "@chain/array";
import type { FunctionNode } from "@chain/autograd";
import { CellNode, ElementwiseNode } from "@chain/autograd/nodes";
import { registerConverter } from "../converter.js";
import type { OnnxGraph } from "../onnx-graph.js";
import { ExpressionConverter } from "./expression.js";

export function registerElementwiseConverters(): void {
  registerConverter(ElementwiseNode, (node, inputs, graph) => {
    const dtype = dtypeOf(node);
    let next = 0;
    const operands =
      node.numbers.length === 0
        ? inputs
        : node.numbers.map((number) => (number === null ? (inputs[next++] as string) : graph.scalar(number, dtype)));
    return new ExpressionConverter(node.label, operands, dtype, graph).convert(node.definition.expr);
  });

  registerConverter(CellNode, (node, inputs, graph) => {
    const { definition } = node;
    const operands = definition.inputs.flatMap(({ packing: { parts, interleaved } }, i) => {
      const [value, width] = [inputs[i] as string, node.inputShape(i)[1] as number];
      if (parts === 1) return [value];
      return Array.from({ length: parts }, (_, part) =>
        interleaved
          ? sliceColumns(graph, value, part, width, parts)
          : sliceColumns(graph, value, (part * width) / parts, ((part + 1) * width) / parts, 1),
      );
    });
    const expressions = new ExpressionConverter(node.label, operands, dtypeOf(node), graph);
    return definition.outputs.flatMap(({ exprs }) => exprs.map((expr) => expressions.convert(expr)));
  });
}

/** Every `step`-th column from `start` to `end`. */
function sliceColumns(graph: OnnxGraph, value: string, start: number, end: number, step: number): string {
  return graph.op("Slice", [value, ...[start, end, 1, step].map((number) => graph.integers([number]))]);
}

function dtypeOf(node: FunctionNode): DType {
  return node.inputs?.[0]?.dtype ?? "float32";
}
