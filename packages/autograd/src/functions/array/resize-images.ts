import { array, ValueError, type DType, type NdArray } from "@chain/array";
import { expectFloating, expectNdim } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { matmul } from "../math/matmul.js";

/** How images are resized: between the nearest pixels linearly, or by the nearest pixel. */
export type ResizeMode = "bilinear" | "nearest";

/** Options of {@link resizeImages}. */
export interface ResizeImagesOptions {
  /** "bilinear" by default. */
  readonly mode?: ResizeMode;
  /** For "bilinear": whether the centers of corner pixels stay in place (the default), or else the image's corners. */
  readonly alignCorners?: boolean;
}

/**
 * Resizes images.
 *
 * Follows Chainer's `resize_images`.
 *
 * @param x - Shape `(batch, channels, height, width)`, floating, at least one pixel.
 * @param outputShape - The new height and width.
 * @returns Shape `(batch, channels, …outputShape)`, dtype of `x`.
 * @throws InvalidType if `x` is not floating or has not four axes, ValueError for sizes or modes that make no sense.
 */
export function resizeImages(
  x: VariableLike,
  outputShape: readonly [number, number],
  { mode = "bilinear", alignCorners = true }: ResizeImagesOptions = {},
): Variable {
  const images = asArray(x);
  expectFloating("resizeImages", "x", images);
  expectNdim("resizeImages", "x", images, 4);
  if (mode !== "bilinear" && mode !== "nearest") {
    throw new ValueError(`resizeImages: mode is "bilinear" or "nearest", got "${mode as string}"`);
  }
  const [height, width] = images.shape.slice(2) as [number, number];
  if (outputShape.length !== 2 || ![...outputShape, height, width].every((n) => Number.isInteger(n) && n > 0)) {
    throw new ValueError(
      `resizeImages: expected sizes from 1 up, got ${outputShape.join(" × ")} for images of ${height} × ${width}`,
    );
  }
  const { dtype, device } = images;
  const along = (from: number, to: number): NdArray => interpolation(from, to, mode, alignCorners, dtype, device);
  // Both directions are linear maps on their own: rows first, then columns.
  const rows = matmul(along(height, outputShape[0]), x);
  return matmul(rows, along(width, outputShape[1]), { transb: true });
}

/** The matrix `(to, from)` that takes a line of pixels to one of another length. */
function interpolation(
  from: number,
  to: number,
  mode: ResizeMode,
  alignCorners: boolean,
  dtype: DType,
  device: string,
): NdArray {
  const weights = new Float64Array(to * from);
  for (let i = 0; i < to; i++) {
    const at = sourceOf(i, from, to, mode, alignCorners);
    const low = Math.min(Math.floor(at), from - 1);
    const high = Math.min(low + 1, from - 1);
    (weights[i * from + low] as number) += 1 - (at - low);
    (weights[i * from + high] as number) += at - low;
  }
  return array(weights, { dtype, device }).reshape(to, from);
}

/** Where in the line of `from` pixels pixel `i` of `to` lies. */
function sourceOf(i: number, from: number, to: number, mode: ResizeMode, alignCorners: boolean): number {
  if (mode === "nearest") return Math.min(Math.floor((i * from) / to), from - 1);
  if (alignCorners) return to === 1 ? 0 : (i * (from - 1)) / (to - 1);
  return Math.max(((i + 0.5) * from) / to - 0.5, 0);
}
