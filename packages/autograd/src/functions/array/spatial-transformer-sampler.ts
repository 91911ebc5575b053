import {
  add as addArrays,
  arange,
  astype,
  clip,
  floor,
  reshape as reshapeArray,
  slice,
  type NdArray,
} from "@chain/array";
import { add, max, min, mul, sub as minus } from "@chain/array/kernel";
import { expectEqual, expectFloating, expectNdim, expectSameDtype } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { sub } from "../math/basic-math.js";
import { expandDims } from "./expand-dims.js";
import { getItem } from "./get-item.js";
import { pad } from "./pad.js";
import { transpose } from "./transpose.js";

/** From [-1, 1] to positions in a line of `length` pixels between two more, and not beyond those. */
const toPixels = elementwiseFunction("spatialTransformerSampler-pixels", (point, length) =>
  min(max(add(mul(add(point, 1), mul(0.5, minus(length, 1))), 1), 0), add(length, 1)),
);

const between = elementwiseFunction("spatialTransformerSampler", (a, b, share) => add(a, mul(minus(b, a), share)));

/**
 * Samples images at given points, between pixels linearly; outside of an image everything is 0.
 *
 * Follows Chainer's `spatial_transformer_sampler`; Jaderberg et al., "Spatial Transformer Networks", 2015.
 *
 * @param x - Shape `(batch, channels, height, width)`, floating.
 * @param grid - Shape `(batch, 2, out height, out width)`, dtype of `x`: x, then y, from -1 to 1 over the image.
 * @returns Shape `(batch, channels, out height, out width)`.
 * @throws InvalidType if shapes or dtypes do not fit.
 */
export function spatialTransformerSampler(x: VariableLike, grid: VariableLike): Variable {
  const label = "spatialTransformerSampler";
  const [images, points] = [asArray(x), asArray(grid)];
  expectFloating(label, "x", images);
  expectSameDtype(label, "x", images, "grid", points);
  expectNdim(label, "x", images, 4);
  expectNdim(label, "grid", points, 4);
  expectEqual(label, "x.shape[0]", images.shape[0] as number, "grid.shape[0]", points.shape[0] as number);
  expectEqual(label, "grid.shape[1]", points.shape[1] as number, "2", 2);
  const [batch, , height, width] = images.shape as readonly [number, number, number, number];

  const padded = pad(x, [[0], [0], [1], [1]], "constant");
  const u = toPixels(getItem(grid, [slice(), 0]), width);
  const v = toPixels(getItem(grid, [slice(), 1]), height);
  const [left, above] = [pixelBefore(u.array, width), pixelBefore(v.array, height)];
  const sample = reshapeArray(arange(batch, { device: images.device }), [batch, 1, 1]);
  // Shape (batch, out height, out width, channels).
  const corner = (down: number, right: number): Variable =>
    getItem(padded, [sample, slice(), moved(above, down), moved(left, right)]);
  const across = expandDims(sub(u, astype(left, images.dtype)), -1);
  const down = expandDims(sub(v, astype(above, images.dtype)), -1);
  const upper = between(corner(0, 0), corner(0, 1), across);
  const lower = between(corner(1, 0), corner(1, 1), across);
  return transpose(between(upper, lower, down), [0, 3, 1, 2]);
}

/** The pixel before a position, of those that have a pixel behind them. */
function pixelBefore(position: NdArray, length: number): NdArray {
  return astype(clip(floor(position), 0, length), "int32");
}

function moved(positions: NdArray, by: number): NdArray {
  return by === 0 ? positions : addArrays(positions, by);
}
