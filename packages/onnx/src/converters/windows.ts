/** Convolution, its transpose, and pooling. */
import type { DType } from "@chain/array";
import type { FunctionNode } from "@chain/autograd";
import type { Windows } from "@chain/autograd/nodes";
import { ConvolutionNd, DeconvolutionNd, MaxPooling, WindowSums } from "@chain/autograd/nodes";
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
    // How much longer the result is than the windows reach, or shorter.
    const more = node.outsize.map((length, i) => {
      const at = (list: readonly number[]): number => list[i] as number;
      const windows = at(node.inputShape(0).slice(2));
      return length - (at(stride) * (windows - 1) + at(dilate) * (at(size) - 1) + 1 - 2 * at(pad));
    });
    return graph.op("ConvTranspose", inputs, {
      kernel_shape: size,
      strides: stride,
      dilations: dilate,
      group: groups,
      pads: [...pad, ...pad.map((width, i) => width + Math.max(0, -(more[i] as number)))],
      output_padding: more.map((length) => Math.max(0, length)),
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
