import type { MatmulEpilogue, NdArray } from "@chain/array/backend";
import { bound, type Run } from "./bindings.js";
import { exactLimit } from "./bounds.js";
import { bufferOf } from "./buffer.js";
import type { Gpu, KernelSource } from "./gpu.js";
import type { Placer } from "./place.js";
import { kernelSource } from "./source/writer.js";

/** Matrix products, an element of the result in every run of a kernel. */
export class GpuJsMatmul {
  private readonly kernels = new Map<string, Run>();

  constructor(
    private readonly gpu: Gpu,
    private readonly placer: Placer,
  ) {}

  /** `Routines.matmul`, for float32 and positions that are exact as floats. */
  readonly run = (a: NdArray, b: NdArray, out: NdArray, epilogue: MatmulEpilogue): boolean => {
    const rank = out.ndim;
    const tooLarge = [a, b, out].some(({ storage }) => storage.bytes > 4 * exactLimit);
    if (out.dtype !== "float32" || tooLarge) return false;
    const { bias, activation, accumulate } = epilogue;
    const key = [rank, bias !== null, activation, accumulate].join();
    let kernel = this.kernels.get(key);
    if (kernel === undefined) {
      kernel = bound(matmulSource(rank, epilogue), this.gpu);
      this.kernels.set(key, kernel);
    }
    const operands = [a, b, out, ...(bias === null ? [] : [bias])];
    const numbers = new Map([["depth", a.shape.at(-1) as number]]);
    operands.forEach(({ offset }, k) => numbers.set(`f${k}`, offset));
    out.shape.forEach((length, axis) => numbers.set(`n${axis}`, length));
    for (const [k, operand] of [a, b].entries()) {
      const lead = rank - operand.ndim;
      operand.strides.forEach((stride, axis) =>
        numbers.set(`d${k}_${lead + axis}`, operand.shape[axis] === 1 ? 0 : stride),
      );
      for (let axis = 0; axis < lead; axis++) numbers.set(`d${k}_${axis}`, 0);
    }
    const arrays = new Map(operands.map(({ storage }, k) => [`a${k}`, bufferOf(storage.buffer).numbers("float32")]));
    const { shape, strides, offset } = out;
    this.placer.store(out, kernel(out.size, { arrays, numbers }), { shape, strides, offset });
    return true;
  };
}

/** Operands are `a0`, `a1`, the old result `a2` and the bias `a3`; names of numbers are those of `Writer`. */
function matmulSource(rank: number, { bias, activation, accumulate }: MatmulEpilogue): KernelSource {
  const [row, column] = [rank - 2, rank - 1];
  const lines = ["const t = this.thread.x;"];
  let rest = "t";
  for (let axis = column; axis > 0; axis--) {
    lines.push(`const q${axis} = quotient(${rest}, n${axis});`, `const x${axis} = ${rest} - q${axis} * n${axis};`);
    rest = `q${axis}`;
  }
  lines.push(`const x0 = ${rest};`);
  const place = (k: number, axes: readonly number[]): string =>
    [`f${k}`, ...axes.map((axis) => `x${axis} * d${k}_${axis}`)].join(" + ");
  const batch = Array.from({ length: row }, (_, axis) => axis);
  lines.push(
    `let p0 = ${place(0, [...batch, row])};`,
    `let p1 = ${place(1, [...batch, column])};`,
    "let sum = 0;",
    "for (let k = 0; k < depth; k++) {",
    "  sum = sum + a0[p0] * a1[p1];",
    `  p0 = p0 + d0_${column};`,
    `  p1 = p1 + d1_${row};`,
    "}",
  );
  if (accumulate) lines.push("sum = sum + a2[f2 + t];");
  if (bias !== null) lines.push(`sum = sum + a3[f3 + x${column}];`);
  lines.push(activation === "relu" ? "return sum < 0 ? 0 : sum;" : "return sum;");
  return kernelSource(lines);
}
