import { convolutionGeometry, getConvOutsize, type Shape } from "@chain/array";
import { formatShape } from "../../shape.js";
import { expectMinNdim, expectNdim, expectThat } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { isLeftOut } from "../left-out.js";
import { ConvolutionNd } from "./convolution-nodes.js";

/** Options of a convolution with spatial axes `Axes`, each a number for all axes or one for each. */
export interface ConvolutionOptions<Axes extends readonly number[] = readonly number[]> {
  /** Distance between neighbouring windows, 1 by default. */
  readonly stride?: number | Axes;
  /** Zeros around the input, 0 by default. */
  readonly pad?: number | Axes;
  /** Whether windows cover every element, reaching over the end if need be. Default false. */
  readonly coverAll?: boolean;
  /** Distance between neighbouring elements of a window, 1 by default. */
  readonly dilate?: number | Axes;
  /** Number of groups of channels that are convolved each by itself, 1 by default. */
  readonly groups?: number;
}

/** A convolution of inputs with so many spatial axes, under the name that it is called by. */
export interface Convolution<Axes extends readonly number[]> {
  (x: VariableLike, W: VariableLike, b?: VariableLike | null, options?: ConvolutionOptions<Axes>): Variable;
  (x: VariableLike, W: VariableLike, options: ConvolutionOptions<Axes>): Variable;
}

/**
 * Convolution in any number of dimensions:
 * `y[n, o, p] = b[o] + Σ W[o, c, k] x[n, c, p · stride + k · dilate − pad]`, summed over the channels `c` of `o`'s group
 * and all positions `k` of the kernel; outside the input, `x` is 0.
 *
 * Follows Chainer's `convolution_nd`.
 *
 * @param x - Shape `(batch, in channels, …)`, with one or more spatial axes; floating.
 * @param W - Shape `(out channels, in channels / groups, …)`, with as many.
 * @param b - Shape `(out channels,)`, or null.
 * @returns Shape `(batch, out channels, …)`.
 * @throws InvalidType if shapes do not fit, dtypes differ or are not floating, or `x` is smaller than a window;
 * ValueError for sizes that make no sense.
 */
export const convolutionNd: Convolution<readonly number[]> = convolutionOf("convolutionNd", null);

/** {@link convolutionNd} with one spatial axis (Chainer's `convolution_1d`). */
export const convolution1d: Convolution<readonly [number]> = convolutionOf("convolution1d", 1);

/** {@link convolutionNd} with two spatial axes (Chainer's `convolution_2d`). */
export const convolution2d: Convolution<readonly [number, number]> = convolutionOf("convolution2d", 2);

/** {@link convolutionNd} with three spatial axes (Chainer's `convolution_3d`). */
export const convolution3d: Convolution<readonly [number, number, number]> = convolutionOf("convolution3d", 3);

function convolutionOf<Axes extends readonly number[]>(name: string, axes: number | null): Convolution<Axes> {
  return (
    x: VariableLike,
    W: VariableLike,
    b: VariableLike | ConvolutionOptions<Axes> | null = null,
    given: ConvolutionOptions<Axes> = {},
  ): Variable => {
    const [bias, options] = isLeftOut(b) ? [null, b] : [b, given];
    const [input, kernel] = spatialShapes(name, x, W, axes);
    const geometry = convolutionGeometry(name, input.length, options);
    const outsize = input.map((length, i) => {
      const [k, s, p, d] = [kernel, geometry.stride, geometry.pad, geometry.dilate].map(
        (list) => list[i] as number,
      ) as [number, number, number, number];
      return getConvOutsize(length, k, s, p, { coverAll: options.coverAll, d });
    });
    expectThat(
      name,
      outsize.every((count) => count > 0),
      () => `x with room for a window of ${formatShape(kernel)} elements`,
      () => `spatial axes ${formatShape(input)} with pad ${formatShape(geometry.pad)}`,
    );
    return new ConvolutionNd(name, geometry, outsize).apply(bias === null ? [x, W] : [x, W, bias])[0] as Variable;
  };
}

/** Lengths of the spatial axes of an input and of weights, which have as many: `axes`, or any number from 1 up. */
export function spatialShapes(
  name: string,
  x: VariableLike,
  W: VariableLike,
  axes: number | null,
): [input: Shape, kernel: Shape] {
  if (axes === null) expectMinNdim(name, "x", asArray(x), 3);
  else expectNdim(name, "x", asArray(x), axes + 2);
  expectNdim(name, "W", asArray(W), x.ndim);
  return [x.shape.slice(2), W.shape.slice(2)];
}
