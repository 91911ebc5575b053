import { convolutionGeometry, getConvOutsize, getDeconvOutsize } from "@chain/array";
import { formatShape } from "../../shape.js";
import { expectEqual, expectThat } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { isLeftOut } from "../left-out.js";
import { spatialShapes, type ConvolutionOptions } from "./convolution-nd.js";
import { DeconvolutionNd } from "./convolution-nodes.js";

/** Options of a deconvolution with spatial axes `Axes`; they describe the convolution that it is the transpose of. */
export interface DeconvolutionOptions<Axes extends readonly number[] = readonly number[]> extends Omit<
  ConvolutionOptions<Axes>,
  "coverAll"
> {
  /** Lengths of the result's spatial axes; the smallest that hold all windows by default. */
  readonly outsize?: Axes | null;
}

/** A deconvolution of inputs with so many spatial axes, under the name that it is called by. */
export interface Deconvolution<Axes extends readonly number[]> {
  (x: VariableLike, W: VariableLike, b?: VariableLike | null, options?: DeconvolutionOptions<Axes>): Variable;
  (x: VariableLike, W: VariableLike, options: DeconvolutionOptions<Axes>): Variable;
}

/**
 * Transposed convolution in any number of dimensions: `y[n, c, p · stride + k · dilate − pad]` is the sum of
 * `W[o, c, k] x[n, o, p]` over all that meet there, plus `b[c]`. It is the gradient of a convolution by its input.
 *
 * Follows Chainer's `deconvolution_nd`.
 *
 * @param x - Shape `(batch, in channels, …)`, with one or more spatial axes; floating.
 * @param W - Shape `(in channels, out channels / groups, …)`, with as many.
 * @param b - Shape `(out channels,)`, or null.
 * @returns Shape `(batch, out channels, …)`; along an axis, `stride · (length − 1) + dilate · (kernel − 1) + 1 − 2 · pad`
 * elements, or `outsize`.
 * @throws InvalidType if shapes do not fit, dtypes differ or are not floating, or a convolution of `outsize` would not
 * have `x`'s shape; ValueError for sizes that make no sense.
 */
export const deconvolutionNd: Deconvolution<readonly number[]> = deconvolutionOf("deconvolutionNd", null);

/** {@link deconvolutionNd} with one spatial axis (Chainer's `deconvolution_1d`). */
export const deconvolution1d: Deconvolution<readonly [number]> = deconvolutionOf("deconvolution1d", 1);

/** {@link deconvolutionNd} with two spatial axes (Chainer's `deconvolution_2d`). */
export const deconvolution2d: Deconvolution<readonly [number, number]> = deconvolutionOf("deconvolution2d", 2);

/** {@link deconvolutionNd} with three spatial axes (Chainer's `deconvolution_3d`). */
export const deconvolution3d: Deconvolution<readonly [number, number, number]> = deconvolutionOf("deconvolution3d", 3);

function deconvolutionOf<Axes extends readonly number[]>(name: string, axes: number | null): Deconvolution<Axes> {
  return (
    x: VariableLike,
    W: VariableLike,
    b: VariableLike | DeconvolutionOptions<Axes> | null = null,
    given: DeconvolutionOptions<Axes> = {},
  ): Variable => {
    const [bias, options] = isLeftOut(b) ? [null, b] : [b, given];
    const [input, kernel] = spatialShapes(name, x, W, axes);
    const geometry = convolutionGeometry(name, input.length, options);
    const outsize = options.outsize ?? null;
    if (outsize !== null) expectEqual(name, "outsize.length", outsize.length, "spatial axes of x", input.length);
    const lengths = input.map((count, i) => {
      const [k, s, p, d] = [kernel, geometry.stride, geometry.pad, geometry.dilate].map(
        (list) => list[i] as number,
      ) as [number, number, number, number];
      if (outsize === null) return getDeconvOutsize(count, k, s, p, { d });
      const length = outsize[i] as number;
      const least = getConvOutsize(length, k, s, p, { d });
      const most = getConvOutsize(length, k, s, p, { d, coverAll: true });
      expectThat(
        name,
        Number.isInteger(length) && least <= count && count <= most,
        () => `an outsize with ${count} windows along spatial axis ${i}`,
        () => `${length}, which has ${least}${most === least ? "" : ` to ${most}`}`,
      );
      return length;
    });
    expectThat(
      name,
      lengths.every((length) => length > 0),
      "a result with at least one element along every axis",
      () => `spatial axes ${formatShape(lengths)}`,
    );
    return new DeconvolutionNd(name, geometry, lengths).apply(bias === null ? [x, W] : [x, W, bias])[0] as Variable;
  };
}
