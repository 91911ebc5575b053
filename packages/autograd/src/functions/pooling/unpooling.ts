import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { spreadOverWindows } from "./window-sum-functions.js";
import { windowSizes, windowsUnder, type PerAxis } from "./windows.js";

/** Options of unpooling. */
export interface UnpoolingOptions<K = PerAxis> {
  /** Distance between windows; the size of a window by default. */
  readonly stride?: K | null;
  /** Width of a border of the result that is cut off, 0 by default. */
  readonly pad?: K;
  /** Lengths of the result's axes; the shortest possible by default. */
  readonly outsize?: K | null;
  /** Whether the windows of the pooling that is undone covered every element. Default true. */
  readonly coverAll?: boolean;
}

/**
 * The reverse of average or sum pooling: every element fills its window, and overlapping windows add up.
 *
 * Follows Chainer's `unpooling_nd`.
 *
 * @param x - Shape `(batch, channels, …)`, floating, with as many further axes as `ksize` has numbers.
 * @param ksize - Size of a window along each of them; a number where all are the same.
 * @returns Shape `(batch, channels, …outsize)`, dtype of `x`.
 * @throws InvalidType if `x` is not floating or has other axes, or if `outsize` has another number of windows; ValueError for
 * sizes that make no sense.
 */
export function unpoolingNd(x: VariableLike, ksize: PerAxis, options: UnpoolingOptions = {}): Variable {
  return unpooling("unpoolingNd", asArray(x).ndim - 2, x, ksize, options);
}

/** {@link unpoolingNd} along one axis (Chainer's `unpooling_1d`): `x` of shape `(batch, channels, length)`. */
export function unpooling1d(
  x: VariableLike,
  ksize: number | readonly [number],
  options: UnpoolingOptions<number | readonly [number]> = {},
): Variable {
  return unpooling("unpooling1d", 1, x, ksize, options);
}

/** {@link unpoolingNd} of images (Chainer's `unpooling_2d`): `x` of shape `(batch, channels, height, width)`. */
export function unpooling2d(
  x: VariableLike,
  ksize: number | readonly [number, number],
  options: UnpoolingOptions<number | readonly [number, number]> = {},
): Variable {
  return unpooling("unpooling2d", 2, x, ksize, options);
}

/** {@link unpoolingNd} of volumes (Chainer's `unpooling_3d`): `x` of shape `(batch, channels, depth, height, width)`. */
export function unpooling3d(
  x: VariableLike,
  ksize: number | readonly [number, number, number],
  options: UnpoolingOptions<number | readonly [number, number, number]> = {},
): Variable {
  return unpooling("unpooling3d", 3, x, ksize, options);
}

function unpooling(
  label: string,
  ndim: number,
  x: VariableLike,
  ksize: PerAxis,
  { stride, pad = 0, outsize, coverAll = true }: UnpoolingOptions,
): Variable {
  const windows = windowsUnder(label, asArray(x), windowSizes(label, ndim, ksize, stride, pad), outsize, coverAll);
  return spreadOverWindows(label, x, windows, 1);
}
