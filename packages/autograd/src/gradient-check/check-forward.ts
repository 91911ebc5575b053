import type { NdArray } from "@chain/array";
import { asVariable, type Variable } from "../variable.js";
import { GradientCheckError, listOf, outputsOf, type CheckedFunction } from "./checked-function.js";

/** Compares what a function computes with expected arrays (numbers within `atol + rtol · |expected|`). */
export async function checkForward(
  fn: CheckedFunction,
  inputs: NdArray | readonly NdArray[],
  expected: NdArray | readonly NdArray[],
  { atol = 1e-5, rtol = 1e-4 }: { readonly atol?: number; readonly rtol?: number } = {},
): Promise<void> {
  const outputs = outputsOf(fn(...listOf(inputs).map(asVariable)));
  const wanted = listOf(expected);
  if (outputs.length !== wanted.length) {
    throw new GradientCheckError(`the function gives ${outputs.length} outputs, expected ${wanted.length}`);
  }
  for (let k = 0; k < wanted.length; k++) {
    const [have, want] = [(outputs[k] as Variable).array, wanted[k] as NdArray];
    if (have.shape.join() !== want.shape.join()) {
      throw new GradientCheckError(`output ${k} has shape (${have.shape.join()}), expected (${want.shape.join()})`);
    }
    const [a, b] = [await have.data(), await want.data()];
    for (let i = 0; i < a.length; i++) {
      const [x, y] = [a[i] as number, b[i] as number];
      const close = x === y || (Number.isNaN(x) && Number.isNaN(y)) || Math.abs(x - y) <= atol + rtol * Math.abs(y);
      if (!close) throw new GradientCheckError(`element ${i} of output ${k} is ${x}, expected ${y}`);
    }
  }
}
