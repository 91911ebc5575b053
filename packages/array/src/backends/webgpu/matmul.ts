import type { NdArray } from "../../ndarray.js";
import type { MatmulEpilogue } from "../../routines.js";
import type { PooledBuffer } from "./buffer-pool.js";
import type { Products } from "./products.js";
import { matmulProduct } from "./wgsl/matmul.js";
import type { Reading } from "./wgsl/slice.js";

/** See `Routines.matmul`; float32 and float16, whose sums are float32. */
export function gpuMatmul(
  products: Products,
  a: NdArray,
  b: NdArray,
  out: NdArray,
  { bias, activation, accumulate }: MatmulEpilogue,
): boolean {
  const { dtype, ndim } = out;
  if (dtype !== "float32" && dtype !== "float16") return false;
  const [m, n, depth] = [out.shape[ndim - 2] as number, out.shape[ndim - 1] as number, a.shape[ndim - 1] as number];
  const batchShape = out.shape.slice(0, ndim - 2);
  const batches = batchShape.reduce((product, length) => product * length, 1);
  const [aRow, aColumn] = a.strides.slice(-2) as [number, number];
  const [bRow, bColumn] = b.strides.slice(-2) as [number, number];
  const parameters: Record<string, number> = {
    aRow,
    aColumn,
    bRow,
    bColumn,
    aOffset: a.offset,
    bOffset: b.offset,
    outOffset: out.offset,
    biasOffset: bias?.offset ?? 0,
  };
  batchShape.forEach((length, axis) => {
    parameters[`batch${axis}`] = length;
    parameters[`aBatch${axis}`] = a.strides[axis] as number;
    parameters[`bBatch${axis}`] = b.strides[axis] as number;
  });
  const extras = { bias: bias !== null, activation, accumulate, batchAxes: batchShape.length };
  const bufferOf = ({ storage }: NdArray): PooledBuffer => storage.buffer as PooledBuffer;
  products.run({
    name: `matmul ${activation} ${accumulate} ${batchShape.length}`,
    source: () => matmulProduct(extras),
    dtype,
    size: { m, n, depth, batches },
    parameters,
    out: bufferOf(out),
    operands: [bufferOf(a), bufferOf(b)],
    bias: bias === null ? null : bufferOf(bias),
    a: readingOf(a, { length: depth, stride: aColumn }, { length: m, stride: aRow }),
    b: readingOf(b, { length: depth, stride: bRow }, { length: n, stride: bColumn }),
    // Packed halves take work to unpack.
    lookup: dtype === "float16",
  });
  return true;
}

interface Axis {
  readonly length: number;
  readonly stride: number;
}

/** Neighbours in memory are read together; as vectors if they begin at multiples of four wherever one looks. */
function readingOf({ offset, strides }: NdArray, depth: Axis, side: Axis): Reading {
  const along = depth.stride === 1 ? "depth" : "side";
  const [inner, outer] = along === "depth" ? [depth, side] : [side, depth];
  const steps = [offset, inner.length, outer.stride, ...strides.slice(0, -2)];
  return { along, fours: inner.stride === 1 && steps.every((step) => step % 4 === 0) };
}
