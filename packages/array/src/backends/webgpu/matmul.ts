import type { NdArray } from "../../ndarray.js";
import type { MatmulEpilogue } from "../../routines.js";
import { HandWritten } from "./hand-written.js";
import type { GpuContext } from "./launcher.js";
import { quadTable, tilesFrom } from "./matmul-table.js";
import type { Shader } from "./wgsl/elementwise.js";
import {
  largeTiles,
  matmulShader,
  smallTiles,
  thinTiles,
  type MatmulTiles,
  type MatmulVariant,
} from "./wgsl/matmul.js";
import { quadMatmulShader, type QuadMatmulVariant } from "./wgsl/quad-matmul.js";

/** The matrix product on the GPU; a shader is compiled for each combination of layouts and extras. */
export class GpuMatmul {
  private readonly shaders: HandWritten;

  constructor(private readonly context: GpuContext) {
    this.shaders = new HandWritten(context);
  }

  /** See `Routines.matmul`; float32. */
  run(a: NdArray, b: NdArray, out: NdArray, { bias, activation, accumulate }: MatmulEpilogue): void {
    const rank = out.ndim;
    const [m, n, k] = [out.shape[rank - 2] as number, out.shape[rank - 1] as number, a.shape[a.ndim - 1] as number];
    const batchShape = out.shape.slice(0, rank - 2);
    const batches = batchShape.reduce((product, length) => product * length, 1);
    const aBatch = batchStrides(a, batchShape);
    const bBatch = batchStrides(b, batchShape);
    const [aRow, aColumn] = a.strides.slice(-2) as [number, number];
    const [bRow, bColumn] = b.strides.slice(-2) as [number, number];
    const extras = { bias: bias !== null, activation, accumulate, batchAxes: batchShape.length };
    const rowsAndColumns = { m, n, k, aRow, aColumn, bRow, bColumn };
    let key: string;
    let make: () => Shader;
    let groups: number;
    if (this.context.software) {
      const tiles = tilesFrom(quadTable, m, n);
      const variant: QuadMatmulVariant = { ...extras, tiles, exchange: this.context.subgroups };
      key = `matmul by quads ${JSON.stringify(variant)}`;
      make = () => quadMatmulShader(variant);
      groups = Math.ceil(m / tiles.rows) * Math.ceil(n / (4 * tiles.fours)) * batches;
    } else {
      const tiles = tilesFor(m, n, batches);
      const variant: MatmulVariant = { ...extras, tiles, aAlongK: aColumn === 1, bAlongN: bColumn === 1 };
      key = `matmul by tiles ${JSON.stringify(variant)}`;
      make = () => matmulShader(variant);
      groups = Math.ceil(m / tiles.rows) * Math.ceil(n / tiles.columns) * batches;
    }
    const values: Record<string, number> = {
      ...rowsAndColumns,
      batches,
      aOffset: a.offset,
      bOffset: b.offset,
      outOffset: out.offset,
      biasOffset: bias?.offset ?? 0,
      aLast: a.storage.bytes / 4 - 1,
      bLast: b.storage.bytes / 4 - 1,
    };
    batchShape.forEach((length, axis) => {
      values[`batch${axis}`] = length;
      values[`aBatch${axis}`] = aBatch[axis] as number;
      values[`bBatch${axis}`] = bBatch[axis] as number;
    });
    this.shaders.run(key, make, [out, a, b, ...(bias === null ? [] : [bias])], values, groups);
  }
}

/** Strides of the batch axes, 0 where an operand is broadcast along one. */
function batchStrides(array: NdArray, batchShape: readonly number[]): number[] {
  const own = array.ndim - 2;
  return batchShape.map((_, axis) => {
    const at = axis - (batchShape.length - own);
    return at < 0 || array.shape[at] === 1 ? 0 : (array.strides[at] as number);
  });
}

/** Enough workgroups to fill a GPU come first, then large tiles. */
function tilesFor(m: number, n: number, batches: number): MatmulTiles {
  if (m <= 32) return thinTiles;
  const large = Math.ceil(m / largeTiles.rows) * Math.ceil(n / largeTiles.columns) * batches;
  return large >= 64 ? largeTiles : smallTiles;
}
