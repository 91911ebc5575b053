/** Convolution, its transpose, and pooling. */
import { full, type DType } from "@chain/array";
import type { FunctionNode } from "@chain/autograd";
import type { Windows } from "@chain/autograd/nodes";
import { ConvolutionNd, DeconvolutionNd, MaxPooling, WindowSpread, WindowSums } from "@chain/autograd/nodes";
import { registerConverter } from "../converter.js";
import type { OnnxGraph } from "../onnx-graph.js";

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

  registerConverter(DeconvolutionNd, (node, inputs, graph) => {
    const { stride, pad, dilate, groups } = node.geometry;
    const size = node.inputShape(1).slice(2);
    const windows = node
      .inputShape(0)
      .slice(2)
      .map((count, i): Windows => {
        const reach = ((size[i] as number) - 1) * (dilate[i] as number) + 1;
        const length = node.outsize[i] as number;
        return { size: reach, stride: stride[i] as number, pad: pad[i] as number, length, count };
      });
    const attributes = { ...transposedAttributes(windows), kernel_shape: size, dilations: dilate, group: groups };
    return graph.op("ConvTranspose", inputs, attributes);
  });

  registerConverter(WindowSpread, (node, [x], graph) => {
    const channels = node.inputShape(0)[1] as number;
    const size = node.windows.map((along) => along.size);
    const weights = graph.array(full([channels, 1, ...size], node.scale, { dtype: dtypeOf(node) }));
    return graph.op("ConvTranspose", [x as string, weights], {
      ...transposedAttributes(node.windows),
      group: channels,
    });
  });

  registerConverter(MaxPooling, (node, [x], graph) => {
    const { input, windows } = framed(node, x as string, -Infinity, graph);
    return graph.op("MaxPool", [input], windowAttributes(windows));
  });

  registerConverter(WindowSums, (node, [x], graph) => {
    const { input, windows } = framed(node, x as string, 0, graph);
    const mean = graph.op("AveragePool", [input], { ...windowAttributes(windows), count_include_pad: 1 });
    const factor = node.scale * windows.reduce((product, { size }) => product * size, 1);
    return factor === 1 ? mean : graph.op("Mul", [mean, graph.scalar(factor, dtypeOf(node))]);
  });
}

/** Operators of pooling take borders that are smaller than windows; others are made beforehand. */
function framed(
  node: FunctionNode & { readonly windows: readonly Windows[] },
  x: string,
  border: number,
  graph: OnnxGraph,
): { readonly input: string; readonly windows: readonly Windows[] } {
  const { windows } = node;
  const pads = padsOf(windows);
  if (pads.every((width, i) => width < (windows[i % windows.length] as Windows).size)) return { input: x, windows };
  const [before, after] = [pads.slice(0, windows.length), pads.slice(windows.length)];
  const widths = graph.integers([0, 0, ...before, 0, 0, ...after]);
  return {
    input: graph.op("Pad", [x, widths, graph.scalar(border, dtypeOf(node))]),
    windows: windows.map((along, i) => {
      const length = along.length + (before[i] as number) + (after[i] as number);
      return { ...along, pad: 0, length };
    }),
  };
}

function dtypeOf(node: FunctionNode): DType {
  return node.inputs?.[0]?.dtype ?? "float32";
}

/** For what adds something to all elements of every window: `length` may be more than windows reach, or less. */
function transposedAttributes(windows: readonly Windows[]): Record<string, number[]> {
  const more = windows.map(({ count, length, pad, size, stride }) => length - ((count - 1) * stride + size - 2 * pad));
  return {
    strides: windows.map(({ stride }) => stride),
    pads: [0, 1].flatMap((side) => windows.map(({ pad }, i) => pad + side * Math.max(0, -(more[i] as number)))),
    output_padding: more.map((length) => Math.max(0, length)),
  };
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
