/** Functions that rearrange elements. */
import { ellipsis, Slice, type Shape } from "@chain/array";
import type { FunctionNode } from "@chain/autograd";
import {
  BroadcastTo,
  Cast,
  Concat,
  GetItem,
  Identity,
  PadConstant,
  Reshape,
  SplitAxis,
  Transpose,
} from "@chain/autograd/nodes";
import { registerConverter, UnsupportedFunctionError } from "../converter.js";
import { dataTypeOf } from "../onnx-graph.js";
import { axisOf, outputShape } from "./shapes.js";

export function registerArrayConverters(): void {
  registerConverter(Identity, (_node, inputs) => inputs);

  registerConverter(Cast, (node, inputs, graph) => graph.op("Cast", inputs, { to: dataTypeOf(node.dtype) }));

  registerConverter(Concat, (node, inputs, graph) =>
    graph.op("Concat", inputs, { axis: axisOf(node.axis, node.inputShape(0).length) }),
  );

  registerConverter(SplitAxis, (node, inputs, graph) => {
    const axis = axisOf(node.axis, node.inputShape(0).length);
    const lengths = (node.outputs ?? []).map(({ shape }) => shape[axis] as number);
    return graph.ops("Split", [...inputs, graph.integers(lengths)], lengths.length, { axis });
  });

  registerConverter(Transpose, (node, inputs, graph) => {
    const { length } = node.inputShape(0);
    const perm = node.axes?.map((axis) => axisOf(axis, length)) ?? Array.from({ length }, (_, i) => length - 1 - i);
    return graph.op("Transpose", inputs, { perm });
  });

  /** Lengths that stay as they are up to there are written as 0, "as in the input", so that a batch may have any size. */
  registerConverter(Reshape, (node, inputs, graph) => {
    const before = node.inputShape(0);
    const after = node.shape;
    const kept = after.findIndex((length, i) => length !== before[i] || length === 0);
    const shape = after.map((length, i) => (kept === -1 || i < kept ? 0 : length));
    return graph.op("Reshape", [...inputs, graph.integers(after.includes(0) ? outputShape(node, 0) : shape)]);
  });

  registerConverter(BroadcastTo, (node, inputs, graph) => {
    const before = node.inputShape(0);
    const lead = node.shape.length - before.length;
    // A length of 1 gives way to the input's own.
    const shape = node.shape.map((length, i) => (before[i - lead] === length ? 1 : length));
    return graph.op("Expand", [...inputs, graph.integers(shape)]);
  });

  registerConverter(PadConstant, (node, [x], graph) => {
    const { values, widths } = node;
    if (typeof values !== "number") throw unsupported(node, "values that differ from side to side");
    const dtype = node.inputs?.[0]?.dtype ?? "float32";
    const pads = [0, 1].flatMap((side) => widths.map((width) => width[side as 0 | 1]));
    return graph.op("Pad", [x as string, graph.integers(pads), graph.scalar(values, dtype)]);
  });

  registerConverter(GetItem, (node, [x], graph) => {
    const shape = node.inputShape(0);
    const parts = partsOf(node, shape);
    const cut = parts.flatMap((part, axis) => {
      const length = shape[axis] as number;
      if (part === null) return [];
      if (typeof part === "number")
        return [{ axis, start: axisOf(part, length), end: axisOf(part, length) + 1, step: 1 }];
      const { start, count, step } = part.resolve(length);
      const end = start + count * step;
      return count === length && step === 1 ? [] : [{ axis, start, end: end < 0 ? -(2 ** 31) : end, step }];
    });
    const whole = x as string;
    const sliced =
      cut.length === 0
        ? whole
        : graph.op("Slice", [
            whole,
            ...(["start", "end", "axis", "step"] as const).map((key) => graph.integers(cut.map((along) => along[key]))),
          ]);
    const gone = parts.flatMap((part, axis) => (typeof part === "number" ? [axis] : []));
    return gone.length === 0 ? sliced : graph.op("Squeeze", [sliced, graph.integers(gone)]);
  });
}

/** What is taken along each axis; null for all. */
function partsOf(node: GetItem, shape: Shape): (number | Slice | null)[] {
  const { indices } = node;
  const given = Array.isArray(indices) ? indices : [indices];
  const parts: (number | Slice | null)[] = [];
  for (const part of given) {
    if (part === ellipsis) {
      for (let i = given.length - 1; i < shape.length; i++) parts.push(null);
    } else if (typeof part === "number" || part instanceof Slice) {
      parts.push(part);
    } else {
      throw unsupported(node, "an index that is not a number, a slice or an ellipsis");
    }
  }
  return parts;
}

function unsupported(node: FunctionNode, what: string): UnsupportedFunctionError {
  return new UnsupportedFunctionError(`${node.label} cannot be exported with ${what}`);
}
