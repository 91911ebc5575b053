/** Normalization by statistics that are known. */
import { FixedBatchNormalization } from "@chain/autograd/nodes";
import { registerConverter } from "../converter.js";

export function registerNormalizationConverters(): void {
  registerConverter(FixedBatchNormalization, (node, inputs, graph) => {
    const shape = node.inputShape(0);
    const { length: ndim } = shape;
    const channelAxes = shape.map((_, i) => i).filter((i) => !node.axes.includes(i));
    const [x, ...statistics] = inputs as [string, ...string[]];
    const activated = (y: string): string => (node.activation === "relu" ? graph.op("Relu", [y]) : y);
    const alike = node.inputs?.every(({ dtype }) => dtype === node.inputs?.[0]?.dtype) ?? true;
    if (alike && channelAxes.length === 1 && channelAxes[0] === 1) {
      return activated(graph.op("BatchNormalization", [x, ...statistics], { epsilon: { float: node.eps } }));
    }
    // The operator knows channels on the second axis alone.
    const perChannel = shape.map((length, i) => (node.axes.includes(i) ? 1 : length));
    const dtype = node.inputs?.[1]?.dtype ?? "float32";
    const [gamma, beta, mean, variance] = statistics.map((value) =>
      channelAxes.at(-1) === ndim - 1 && channelAxes.length === 1
        ? value
        : graph.op("Reshape", [value, graph.integers(perChannel)]),
    ) as [string, string, string, string];
    const deviation = graph.op("Sqrt", [graph.op("Add", [variance, graph.scalar(node.eps, dtype)])]);
    const factor = graph.op("Div", [gamma, deviation]);
    return activated(graph.op("Add", [graph.op("Mul", [graph.op("Sub", [x, mean]), factor]), beta]));
  });
}
