import type { NdArray } from "../../ndarray.js";
import type { Routines, WindowGeometry } from "../../routines.js";
import { sizeOf } from "../../shape.js";
import { HandWritten } from "./hand-written.js";
import type { GpuContext } from "./launcher.js";
import { poolingShader, type PoolingPass, type PoolingVariant } from "./wgsl/pooling.js";
import { workgroupSize } from "./wgsl/shader.js";

/**
 * Windows of more elements are left to the composition: its reductions share them among invocations, and its sums go along
 * one axis after the other.
 */
const hardwareLimit: Readonly<Record<PoolingPass, number>> = { max: 128, maxGrad: 128, sum: 128, sumGrad: 128 };
const softwareLimit: Readonly<Record<PoolingPass, number>> = { max: 128, maxGrad: 128, sum: 16, sumGrad: 16 };

/** The routines of pooling, for any number of axes. */
export function poolingRoutines(
  context: GpuContext,
): Pick<Routines, "windowMaxima" | "putIntoWindows" | "windowSums" | "spreadOverWindows"> {
  const shaders = new HandWritten(context);
  const software = context.adapter.kind === "software";
  const run = (
    pass: PoolingPass,
    { size, stride, pad }: WindowGeometry,
    arrays: readonly [out: NdArray, ...others: NdArray[]],
    from: NdArray,
    parameters: Readonly<Record<string, number>>,
  ): boolean => {
    const [out] = arrays;
    const { dtype } = out;
    if (dtype !== "float32" && dtype !== "float16") return false;
    if (sizeOf(size) > (software ? softwareLimit : hardwareLimit)[pass]) return false;
    // A program that plays a GPU divides one element at a time, which the composition does not have to.
    if (software && pass === "sumGrad" && stride.some((step) => step > 1)) return false;
    const variant: PoolingVariant = { pass, dtype, size, stride };
    const values: Record<string, number> = {
      fromSize: sizeOf(from.shape.slice(2)),
      total: out.size,
      outOffset: out.offset,
      aOffset: from.offset,
      ...parameters,
    };
    size.forEach((_, i) => {
      values[`to${i}`] = out.shape[2 + i] as number;
      values[`from${i}`] = from.shape[2 + i] as number;
      values[`pad${i}`] = pad[i] as number;
    });
    const make = () => poolingShader(variant);
    shaders.run(`pooling ${JSON.stringify(variant)}`, make, arrays, values, Math.ceil(out.size / workgroupSize));
    return true;
  };
  return {
    windowMaxima: (x, y, places, geometry) => run("max", geometry, [y, places, x], x, { placesOffset: places.offset }),
    putIntoWindows: (gy, places, gx, geometry) =>
      run("maxGrad", geometry, [gx, gy, places], gy, { placesOffset: places.offset }),
    windowSums: (x, y, geometry, scale) => run("sum", geometry, [y, x], x, { scale: bitsOf(scale) }),
    spreadOverWindows: (gy, gx, geometry, scale) => run("sumGrad", geometry, [gx, gy], gy, { scale: bitsOf(scale) }),
  };
}

/** The bits of a float32. */
function bitsOf(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0] as number;
}
