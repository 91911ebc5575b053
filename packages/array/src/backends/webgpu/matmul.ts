import type { NdArray } from "../../ndarray.js";
import type { MatmulEpilogue } from "../../routines.js";
import type { PooledBuffer } from "./buffer-pool.js";
import { writeLiterals } from "./executable.js";
import type { Pipeline } from "./command-stream.js";
import type { GpuContext } from "./launcher.js";
import {
  largeTiles,
  matmulShader,
  smallTiles,
  thinTiles,
  type MatmulTiles,
  type MatmulVariant,
} from "./wgsl/matmul.js";

interface CompiledMatmul {
  readonly pipeline: Pipeline;
  readonly names: readonly string[];
}

/** The matrix product on the GPU; a shader is compiled for each combination of layouts and extras. */
export class GpuMatmul {
  private readonly compiled = new Map<string, CompiledMatmul>();

  constructor(private readonly context: GpuContext) {}

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
    const tiles = tilesFor(m, n, batches);
    const { pipeline, names } = this.get({
      tiles,
      aAlongK: aColumn === 1,
      bAlongN: bColumn === 1,
      bias: bias !== null,
      activation,
      accumulate,
      batchAxes: batchShape.length,
    });
    const values: Record<string, number> = {
      m,
      n,
      k,
      batches,
      aRow,
      aColumn,
      bRow,
      bColumn,
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
    const { words, start } = this.context.stream.parameters(pipeline.parameterBytes);
    writeLiterals(words, start);
    names.forEach((name, i) => (words[start + 4 + i] = (values[name] as number) >>> 0));
    const buffers = [out, a, b, ...(bias === null ? [] : [bias])].map(({ storage }) => storage.buffer as PooledBuffer);
    const groups = Math.ceil(m / tiles.rows) * Math.ceil(n / tiles.columns) * batches;
    this.context.stream.dispatch(pipeline, buffers, groups);
  }

  private get(variant: MatmulVariant): CompiledMatmul {
    const key = JSON.stringify(variant);
    let compiled = this.compiled.get(key);
    if (compiled === undefined) {
      const shader = matmulShader(variant);
      compiled = { pipeline: this.context.pipelines.make("matmul", shader), names: shader.layout.names() };
      this.compiled.set(key, compiled);
    }
    return compiled;
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
