import {
  ascontiguousarray,
  add,
  less,
  logicalAnd,
  greaterEqual,
  multiply,
  where,
  arange,
  type NdArray,
} from "@chain/array";
import { add as plus, elementwise, ge, logicalAnd as both, where as choose } from "@chain/array/kernel";
import type { ImageShape } from "./image-transform.js";

/** Negative positions stand for pixels outside of the image. */
const pickKernel = elementwise("pick_pixels", { buffers: ["images"] }, (plane, row, column, { images }) => {
  const inside = both(ge(row, 0), ge(column, 0));
  return choose(inside, images.at(choose(inside, plus(plane, plus(row, column)), 0)), 0);
});

/**
 * Images of pixels of others: pixel (i, j) of image n is pixel (`rows[n, i]`, `columns[n, j]`) of the image n that is
 * given, in all channels, and zero outside of it.
 *
 * @param rows int32, (n, height of the result), or (1, height) if they are the same in all images
 * @param columns int32, (n, width of the result), or (1, width)
 */
export function pickPixels(images: NdArray, shape: ImageShape, rows: NdArray, columns: NdArray): NdArray {
  const [count, channels, height, width] = shape;
  const { device } = images;
  const planes = arange(0, count * channels * height * width, height * width, { dtype: "int32", device });
  return pickKernel(
    planes.reshape(count, channels, 1, 1),
    multiply(orMinusOne(rows, height), width).reshape(rows.shape[0] as number, 1, -1, 1),
    orMinusOne(columns, width).reshape(columns.shape[0] as number, 1, 1, -1),
    { images: ascontiguousarray(images) },
  );
}

function orMinusOne(positions: NdArray, length: number): NdArray {
  return where(logicalAnd(greaterEqual(positions, 0), less(positions, length)), positions, -1);
}

/** Positions that begin somewhere else in each image: (n, length), `first[n] + i`. */
export function positionsFrom(first: NdArray, length: number): NdArray {
  return add(first.reshape(-1, 1), arange(length, { dtype: "int32", device: first.device }));
}
