import { ChainError, type Shape } from "@chain/array";
import type { FunctionNode } from "@chain/autograd";

/** The shape of an output. */
export function outputShape(node: FunctionNode, index: number): Shape {
  const output = node.outputs?.[index];
  if (output === undefined) throw new ChainError(`${node.label}: no output ${index}, or the graph was cut here`);
  return output.shape;
}

/** Axes counted from the front, all for null. */
export function axesOf(axis: number | readonly number[] | null | undefined, ndim: number): number[] {
  if (axis === null || axis === undefined) return Array.from({ length: ndim }, (_, i) => i);
  return (typeof axis === "number" ? [axis] : axis).map((a) => axisOf(a, ndim));
}

/** An axis counted from the front. */
export function axisOf(axis: number, ndim: number): number {
  return axis < 0 ? axis + ndim : axis;
}
