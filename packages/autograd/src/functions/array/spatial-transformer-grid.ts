import { array, ValueError } from "@chain/array";
import { expectFloating, expectNdim, expectThat } from "../../type-check.js";
import { formatShape } from "../../shape.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { matmul } from "../math/matmul.js";
import { reshape } from "./reshape.js";

/**
 * Where the pixels of an output image come from under affine transformations: points for `spatialTransformerSampler`.
 * Coordinates go from -1 to 1 over an image.
 *
 * Follows Chainer's `spatial_transformer_grid`; Jaderberg et al., "Spatial Transformer Networks", 2015.
 *
 * @param theta - Shape `(batch, 2, 3)`, floating: matrices that take `(x, y, 1)` to a point.
 * @param outputShape - Height and width of the output.
 * @returns Shape `(batch, 2, height, width)`: x, then y.
 * @throws InvalidType if `theta` is not floating or of another shape, ValueError for sizes that make no sense.
 */
export function spatialTransformerGrid(theta: VariableLike, outputShape: readonly [number, number]): Variable {
  const matrices = asArray(theta);
  expectFloating("spatialTransformerGrid", "theta", matrices);
  expectNdim("spatialTransformerGrid", "theta", matrices, 3);
  const [batch = 0, ...rest] = matrices.shape;
  expectThat(
    "spatialTransformerGrid",
    rest.join() === "2,3",
    "theta of shape (batch, 2, 3)",
    formatShape(matrices.shape),
  );
  const [height, width] = outputShape;
  if (outputShape.length !== 2 || !outputShape.every((n) => Number.isInteger(n) && n > 0)) {
    throw new ValueError(`spatialTransformerGrid: expected sizes from 1 up, got ${outputShape.join(" × ")}`);
  }
  const points = new Float64Array(3 * height * width).fill(1);
  for (let at = 0; at < height * width; at++) {
    points[at] = between(at % width, width);
    points[height * width + at] = between(Math.floor(at / width), height);
  }
  const { dtype, device } = matrices;
  const coordinates = array(points, { dtype, device }).reshape(3, height * width);
  return reshape(matmul(theta, coordinates), [batch, 2, height, width]);
}

/** Number `i` of `count` from -1 to 1. */
function between(i: number, count: number): number {
  return count === 1 ? -1 : -1 + (2 * i) / (count - 1);
}
