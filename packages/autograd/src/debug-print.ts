import type { NdArray } from "@chain/array";
import { formatShape } from "./shape.js";
import type { Variable } from "./variable.js";

/**
 * A description of a variable with statistics of its elements and of its gradient, for people to read (Chainer's
 * `Variable.debug_print`).
 */
export async function debugPrint(variable: Variable): Promise<string> {
  if (!variable.isInitialized) return `${variable.name ?? "variable"}: no array yet`;
  const { array, grad } = variable;
  return [
    `variable ${variable.name ?? ""}`.trim(),
    `- device: ${array.device}`,
    `- shape: ${formatShape(array.shape)}`,
    `- dtype: ${array.dtype}`,
    `- statistics: ${await statistics(array)}`,
    `- grad: ${grad === null ? "null" : await statistics(grad)}`,
  ].join("\n");
}

async function statistics(array: NdArray): Promise<string> {
  const elements = await array.data();
  const { length } = elements;
  if (length === 0) return "no elements";
  let sum = 0;
  let least = Infinity;
  let most = -Infinity;
  for (const value of elements) {
    sum += value;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const mean = sum / length;
  let squares = 0;
  for (const value of elements) squares += (value - mean) ** 2;
  return `mean=${mean}, std=${Math.sqrt(squares / length)}, min=${least}, max=${most}`;
}
