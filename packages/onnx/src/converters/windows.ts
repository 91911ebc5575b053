/** Convolution and pooling. */
import type { Windows } from "@chain/autograd/nodes";
import { ConvolutionNd, MaxPooling, WindowSums } from "@chain/autograd/nodes";
import { registerConverter } from "../converter.js";

export function registerWindowConverters(): void {
  registerConverter(ConvolutionNd, (node, inputs, graph) => {
    const { stride, pad, dilate, groups } = node.geometry;
    const size = node.inputShape(1).slice(2);
    const windows = node
      .inputShape(0)
      .slice(2)
      .map((length, i): Windows => {
        const reach = ((size[i] as number) - 1) * (dilate[i] as number) + 1;
        const count = node.outsize[i] as number;
        return { size: reach, stride: stride[i] as number, pad: pad[i] as number, length, count };
      });
    return graph.op("Conv", inputs, {
      kernel_shape: size,
      strides: stride,
      dilations: dilate,
      group: groups,
      pads: padsOf(windows),
    });
  });

  registerConverter(MaxPooling, (node, inputs, graph) => graph.op("MaxPool", inputs, windowAttributes(node.windows)));

  registerConverter(WindowSums, (node, inputs, graph) => {
    const mean = graph.op("AveragePool", inputs, { ...windowAttributes(node.windows), count_include_pad: 1 });
    const factor = node.scale * node.windows.reduce((product, { size }) => product * size, 1);
    return factor === 1 ? mean : graph.op("Mul", [mean, graph.scalar(factor, node.inputs?.[0]?.dtype ?? "float32")]);
  });
}

function windowAttributes(windows: readonly Windows[]): Record<string, number[]> {
  return {
    kernel_shape: windows.map(({ size }) => size),
    strides: windows.map(({ stride }) => stride),
    pads: padsOf(windows),
  };
}

/** The border before every axis, then that after it: as far as the last window reaches, and no less than before. */
function padsOf(windows: readonly Windows[]): number[] {
  const after = windows.map(({ count, length, pad, size, stride }) =>
    Math.max(pad, (count - 1) * stride + size - pad - length),
  );
  return [...windows.map(({ pad }) => pad), ...after];
}
