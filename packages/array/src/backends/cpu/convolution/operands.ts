/** What kernels of convolutions are given. */
import { copyReshaped } from "../../../manipulation/copy.js";
import type { NdArray } from "../../../ndarray.js";
import { contiguousStrides } from "../../../shape.js";
import { borrow, permuteAxes, sliceAxis, type View } from "../../../views.js";
import type { ArgumentLayout } from "../matmul/emit.js";
import type { CpuRuntime } from "../runtime.js";
import type { Taps } from "./windows.js";

const BYTES = 4;

/** Writes a kernel's arguments to memory; their address. */
export function writeArguments<Name extends string>(
  runtime: CpuRuntime,
  layout: ArgumentLayout<Name>,
  values: Readonly<Record<Name, number>>,
): number {
  const names = Object.keys(layout) as Name[];
  const address = runtime.args.allocate(4 * names.length);
  const words = runtime.memory.u32;
  for (const name of names) words[(address >>> 2) + layout[name]] = values[name];
  return address;
}

/** Some elements of the kernels, with input and output channels exchanged in each group. */
export function exchangedWeights(w: NdArray, groups: number, { first, step, count }: Taps): NdArray {
  const [outputs, inner, ...kernel] = w.shape as [number, number, ...number[]];
  const shape = [groups, outputs / groups, inner, ...kernel];
  let view: View = { shape, strides: contiguousStrides(shape), offset: w.offset };
  kernel.forEach((_, i) => {
    view = sliceAxis(view, 3 + i, first[i] as number, count[i] as number, step[i]);
  });
  const exchanged = permuteAxes(view, [0, 2, 1, ...kernel.map((_, i) => 3 + i)]);
  return copyReshaped(borrow(w, exchanged), exchanged.shape);
}

/** Address of the first element. */
export function addressOf({ storage, offset }: NdArray): number {
  return (storage.buffer as number) + offset * BYTES;
}
