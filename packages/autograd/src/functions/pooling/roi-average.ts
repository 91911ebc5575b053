/** Averages of regions of images: sums that are weighted along each axis, so two matrix products. */
import { arange, astype, getItem, newaxis, slice, type NdArray } from "@chain/array";
import { elementwise, eq, where } from "@chain/array/kernel";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { reshape } from "../array/reshape.js";
import { transpose } from "../array/transpose.js";
import { matmul } from "../math/matmul.js";
import { tensordot } from "../math/tensordot.js";
import type { Regions } from "./roi-arguments.js";

const inOwnImage = elementwise("roiAverage-image", (weight, image, own) => where(eq(image, own), weight, 0));

/**
 * `y[r, c, i, j] = Σ rows[r, i, u] · columns[r, j, v] · x[image of r, c, u, v]` over the pixels `(u, v)`.
 *
 * Images are not copied for every region: the rows of all of them are one axis, of which a region weights its own.
 */
export function weightedSums(x: VariableLike, { images }: Regions, rows: NdArray, columns: NdArray): Variable {
  const [batch, channels, height, width] = x.shape as readonly [number, number, number, number];
  const [regions, tall] = rows.shape as readonly [number, number];
  const wide = columns.shape[1] as number;
  const numbers = arange(batch, { dtype: "int32", device: images.device }).reshape(batch, 1);
  const { dtype } = asArray(x);
  const ofAll = inOwnImage(getItem(rows, [slice(), slice(), newaxis]), numbers, images.reshape(regions, 1, 1, 1));
  const vertical = tensordot(astype(ofAll, dtype).reshape(regions, tall, batch, height), x, {
    axes: [
      [2, 3],
      [0, 2],
    ],
  });
  const both = matmul(reshape(vertical, [regions, tall * channels, width]), astype(columns, dtype), { transb: true });
  return transpose(reshape(both, [regions, tall, channels, wide]), [0, 2, 1, 3]);
}
