/** Normalization by statistics that are known, and of rows. */
import { ones } from "@chain/array";
import { FixedBatchNormalization, Fused, NormalizeRows } from "@chain/autograd/nodes";
import { registerConverter, UnsupportedFunctionError } from "../converter.js";

export function registerNormalizationConverters(): void {
  registerConverter(Fused, (node, [x], graph) => {
    const { definition } = node;
    if (!(definition instanceof NormalizeRows)) {
      throw new UnsupportedFunctionError(
        `${node.label} cannot be exported: it uses the statistics of the batch; run the model with config.train false`,
      );
    }
    // The operator wants a factor for each element of a row.
    const scale = graph.array(
      ones([node.inputShape(0).at(-1) as number], { dtype: node.inputs?.[0]?.dtype ?? "float32" }),
    );
    return graph.op("LayerNormalization", [x as string, scale], { epsilon: { float: definition.eps } });
  });

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
