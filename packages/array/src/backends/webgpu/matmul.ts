import type { NdArray } from "../../ndarray.js";
import type { MatmulEpilogue } from "../../routines.js";
import { HandWritten } from "./hand-written.js";
import type { GpuContext } from "./launcher.js";
import { methodFor, workgroupsOf } from "./product-method.js";
import { matmulShader, type MatmulVariant } from "./wgsl/matmul.js";

/** The matrix product on the GPU; a shader is compiled for each combination of layouts and extras. */
export class GpuMatmul {
  private readonly shaders: HandWritten;

  constructor(private readonly context: GpuContext) {
    this.shaders = new HandWritten(context);
  }

  /** See `Routines.matmul`; float32. */
  run(a: NdArray, b: NdArray, out: NdArray, { bias, activation, accumulate }: MatmulEpilogue): boolean {
    const rank = out.ndim;
    const [m, n, k] = [out.shape[rank - 2] as number, out.shape[rank - 1] as number, a.shape[a.ndim - 1] as number];
    const batchShape = out.shape.slice(0, rank - 2);
    const batches = batchShape.reduce((product, length) => product * length, 1);
    const aBatch = batchStrides(a, batchShape);
    const bBatch = batchStrides(b, batchShape);
    const [aRow, aColumn] = a.strides.slice(-2) as [number, number];
    const [bRow, bColumn] = b.strides.slice(-2) as [number, number];
    const size = { m, n, batches };
    const method = methodFor(this.context, size, { aAlongDepth: aColumn === 1, bAlongDepth: bColumn !== 1 });
    const variant: MatmulVariant = {
      method,
      bias: bias !== null,
      activation,
      accumulate,
      batchAxes: batchShape.length,
    };
    const values: Record<string, number> = {
      ...size,
      depth: k,
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
      values[`batch${axis}`] = length;
      values[`aBatch${axis}`] = aBatch[axis] as number;
      values[`bBatch${axis}`] = bBatch[axis] as number;
    });
    const key = `matmul ${JSON.stringify(variant)}`;
    const arrays = [out, a, b, ...(bias === null ? [] : [bias])];
    this.shaders.run(key, () => matmulShader(variant), arrays, values, workgroupsOf(method, size));
    return true;
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
