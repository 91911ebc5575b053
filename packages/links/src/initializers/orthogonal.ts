import { array, ValueError, type NdArray, type Shape } from "@chain/array";
import { drawOnHost, type RandomOptions } from "./draw.js";
import { Initializer, type GenerateOptions } from "./initializer.js";
import type { ScaledOptions } from "./scaled-initializer.js";

/**
 * What {@link Orthogonal} insists on: `"projection"` as many inputs as outputs or more, `"embedding"` as many outputs as
 * inputs or more, `"basis"` as many; `"auto"` nothing.
 */
export type OrthogonalMode = "auto" | "projection" | "embedding" | "basis";

/**
 * A random orthonormal system, times `scale` (default 1.1): rows, or columns if they are fewer. Axes after the first
 * count as one (Saxe et al. 2013).
 */
export class Orthogonal extends Initializer {
  readonly scale: number;
  readonly mode: OrthogonalMode;
  private readonly random: RandomOptions;

  constructor(options: ScaledOptions & { readonly mode?: OrthogonalMode } = {}) {
    super(options);
    this.scale = options.scale ?? 1.1;
    this.mode = options.mode ?? "auto";
    this.random = options;
    if (!["auto", "projection", "embedding", "basis"].includes(this.mode)) {
      throw new ValueError(`mode is "auto", "projection", "embedding" or "basis", got "${this.mode}"`);
    }
  }

  override generate(shape: Shape, options: GenerateOptions): NdArray {
    const [outputs = 1, ...rest] = shape;
    const inputs = rest.reduce((product, length) => product * length, 1);
    if (outputs * inputs === 0) throw new ValueError("Orthogonal cannot make an empty array");
    const { mode, scale } = this;
    const unfit =
      (inputs > outputs && (mode === "embedding" || mode === "basis")) ||
      (inputs < outputs && (mode === "projection" || mode === "basis"));
    if (unfit) {
      throw new ValueError(
        `cannot make an orthogonal ${mode} of shape (${shape.join(", ")}): ${inputs} inputs, ${outputs} outputs`,
      );
    }
    const [count, length] = outputs <= inputs ? [outputs, inputs] : [inputs, outputs];
    const rows = drawOnHost(count * length, this.random);
    orthonormalize(rows, count, length);
    const data = new Float64Array(rows.length);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < length; j++) {
        data[outputs <= inputs ? i * length + j : j * count + i] = scale * (rows[i * length + j] as number);
      }
    }
    return array(data, options).reshape(shape);
  }
}

/**
 * Gram and Schmidt's method on the rows of a matrix, in place. Every row is gone over twice, which makes it orthogonal
 * to the others up to rounding. The signs are those of a QR decomposition whose R has a positive diagonal.
 */
function orthonormalize(rows: Float64Array, count: number, length: number): void {
  for (let i = 0; i < count; i++) {
    const row = rows.subarray(i * length, (i + 1) * length);
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < i; k++) {
        const other = rows.subarray(k * length, (k + 1) * length);
        const overlap = dot(row, other);
        for (let j = 0; j < length; j++) (row[j] as number) -= overlap * (other[j] as number);
      }
    }
    const norm = Math.sqrt(dot(row, row));
    for (let j = 0; j < length; j++) (row[j] as number) /= norm;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j] as number) * (b[j] as number);
  return sum;
}
