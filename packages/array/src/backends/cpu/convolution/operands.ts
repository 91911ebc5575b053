/** What kernels of convolutions are given. */
import { copyReshaped } from "../../../manipulation/copy.js";
import type { NdArray } from "../../../ndarray.js";
import { contiguousStrides } from "../../../shape.js";
import { borrow, permuteAxes, sliceAxis, type View } from "../../../views.js";
import type { ArgumentLayout } from "../matmul/emit.js";
import type { CpuRuntime } from "../runtime.js";
import type { Taps } from "./windows.js";

const BYTES = 4;

/** Writes a kernel's arguments to memory; their address. Those that several kernels share may come by themselves. */
export function writeArguments<Name extends string>(
  runtime: CpuRuntime,
  layout: ArgumentLayout<Name>,
  values: Readonly<Record<Name, number>>,
): number;
export function writeArguments<Name extends string, Shared extends Name>(
  runtime: CpuRuntime,
  layout: ArgumentLayout<Name>,
  values: Readonly<Record<Exclude<Name, Shared>, number>>,
  shared: Readonly<Record<Shared, number>>,
): number;
export function writeArguments(
  runtime: CpuRuntime,
  layout: ArgumentLayout<string>,
  values: Readonly<Record<string, number>>,
  shared: Readonly<Record<string, number>> | null = null,
): number {
  const address = runtime.args.allocate(4 * Object.keys(layout).length);
  const words = runtime.memory.u32;
  const write = (part: Readonly<Record<string, number>>): void => {
    for (const name of Object.keys(part)) words[(address >>> 2) + (layout[name] as number)] = part[name] as number;
  };
  write(values);
  // Spread into one object they would cost more than the kernel of a small picture.
  if (shared !== null) write(shared);
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
