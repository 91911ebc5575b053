/** Products, sums, and functions along an axis. */
import { Cumsum, EmbedID, Extremum, Linear, LogSoftmax, Logsumexp, MatMul, Softmax, Sum } from "@chain/autograd/nodes";
import { registerConverter } from "../converter.js";
import type { OnnxGraph } from "../onnx-graph.js";
import { axesOf, axisOf } from "./shapes.js";

export function registerMathConverters(): void {
  registerConverter(Linear, (_node, inputs, graph) => graph.op("Gemm", inputs, { transB: 1 }));

  registerConverter(MatMul, (node, [a, b], graph) =>
    graph.op("MatMul", [
      node.transa ? transposed(graph, a as string, node.inputShape(0).length) : (a as string),
      node.transb ? transposed(graph, b as string, node.inputShape(1).length) : (b as string),
    ]),
  );

  registerConverter(Sum, (node, [x], graph) => {
    const { axis, keepdims = false } = node.options;
    const axes = axesOf(axis, node.inputShape(0).length);
    return graph.op("ReduceSum", [x as string, graph.integers(axes)], {
      keepdims: keepdims ? 1 : 0,
      noop_with_empty_axes: 1,
    });
  });

  registerConverter(Extremum, (node, inputs, graph) => {
    const { axis, keepdims = false } = node.options;
    return graph.op(node.which === "max" ? "ReduceMax" : "ReduceMin", inputs, {
      axes: axesOf(axis, node.inputShape(0).length),
      keepdims: keepdims ? 1 : 0,
    });
  });

  registerConverter(Logsumexp, (node, inputs, graph) =>
    graph.op("ReduceLogSumExp", inputs, { axes: axesOf(node.axis, node.inputShape(0).length), keepdims: 0 }),
  );

  registerConverter(Cumsum, (node, [x], graph) =>
    graph.op("CumSum", [x as string, graph.integers([axisOf(node.axis, node.inputShape(0).length)])]),
  );

  registerConverter(Softmax, (node, inputs, graph) =>
    graph.op("Softmax", inputs, { axis: axisOf(node.axis, node.inputShape(0).length) }),
  );

  registerConverter(LogSoftmax, (node, inputs, graph) =>
    graph.op("LogSoftmax", inputs, { axis: axisOf(node.axis, node.inputShape(0).length) }),
  );

  registerConverter(EmbedID, (node, [W], graph) => {
    const ids = graph.array(node.ids);
    if (node.ignoreLabel === null) return graph.op("Gather", [W as string, ids], { axis: 0 });
    const { dtype: idType } = node.ids;
    const dtype = node.inputs?.[0]?.dtype ?? "float32";
    const ignored = graph.op("Equal", [ids, graph.scalar(node.ignoreLabel, idType)]);
    const rows = graph.op("Gather", [W as string, graph.op("Where", [ignored, graph.scalar(0, idType), ids])], {
      axis: 0,
    });
    const column = graph.op("Unsqueeze", [ignored, graph.integers([node.ids.ndim])]);
    return graph.op("Where", [column, graph.scalar(0, dtype), rows]);
  });
}

/** With the last two axes swapped. */
function transposed(graph: OnnxGraph, x: string, ndim: number): string {
  const order = Array.from({ length: ndim }, (_, i) => i);
  return graph.op("Transpose", [x], { perm: [...order.slice(0, -2), ndim - 1, ndim - 2] });
}
