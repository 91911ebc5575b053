import { array, ValueError, type NdArray } from "@chain/array";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { mul } from "../math/basic-math.js";
import { elementsOfWindows } from "./window-views.js";
import { sumsOfWindows } from "./window-sum-functions.js";
import { windowSizes, windowsOn, type PerAxis, type Windows } from "./windows.js";

/** Options of average pooling. */
export interface AveragePoolingOptions<K = PerAxis> {
  /** Distance between windows; the size of a window by default. */
  readonly stride?: K | null;
  /** Width of the border, 0 by default. */
  readonly pad?: K;
  /** What the border counts as: zeros (0, the default), or not at all (null). */
  readonly padValue?: 0 | null;
}

/**
 * The mean of every window.
 *
 * Follows Chainer's `average_pooling_nd`. Global average pooling is `averagePooling2d(x, [height, width])`, or `mean` over the
 * spatial axes if they are to go.
 *
 * @param x - Shape `(batch, channels, …)`, floating, with as many further axes as `ksize` has numbers.
 * @param ksize - Size of a window along each of them; a number where all are the same.
 * @returns Shape `(batch, channels, …)`, dtype of `x`.
 * @throws InvalidType if `x` is not floating, has other axes, or is smaller than a window; ValueError for sizes that make
 * no sense.
 */
export function averagePoolingNd(x: VariableLike, ksize: PerAxis, options: AveragePoolingOptions = {}): Variable {
  return averagePooling("averagePoolingNd", asArray(x).ndim - 2, x, ksize, options);
}

/** {@link averagePoolingNd} along one axis (Chainer's `average_pooling_1d`): `x` of shape `(batch, channels, length)`. */
export function averagePooling1d(
  x: VariableLike,
  ksize: number | readonly [number],
  options: AveragePoolingOptions<number | readonly [number]> = {},
): Variable {
  return averagePooling("averagePooling1d", 1, x, ksize, options);
}

/** {@link averagePoolingNd} of images (Chainer's `average_pooling_2d`): `x` of shape `(batch, channels, height, width)`. */
export function averagePooling2d(
  x: VariableLike,
  ksize: number | readonly [number, number],
  options: AveragePoolingOptions<number | readonly [number, number]> = {},
): Variable {
  return averagePooling("averagePooling2d", 2, x, ksize, options);
}

/** {@link averagePoolingNd} of volumes (Chainer's `average_pooling_3d`): `x` of `(batch, channels, depth, height, width)`. */
export function averagePooling3d(
  x: VariableLike,
  ksize: number | readonly [number, number, number],
  options: AveragePoolingOptions<number | readonly [number, number, number]> = {},
): Variable {
  return averagePooling("averagePooling3d", 3, x, ksize, options);
}

function averagePooling(
  label: string,
  ndim: number,
  x: VariableLike,
  ksize: PerAxis,
  { stride, pad = 0, padValue = 0 }: AveragePoolingOptions,
): Variable {
  if (padValue !== 0 && padValue !== null) {
    throw new ValueError(`${label}: padValue is 0 or null, got ${String(padValue)}`);
  }
  const images = asArray(x);
  const windows = windowsOn(label, images, windowSizes(label, ndim, ksize, stride, pad), false);
  const volume = windows.reduce((product, { size }) => product * size, 1);
  if (padValue === 0 || !windows.some((w) => elementsOfWindows(w).some(({ taps }) => taps.length < w.size))) {
    return sumsOfWindows(label, x, windows, 1 / volume);
  }
  return mul(sumsOfWindows(label, x, windows, 1), weightsOf(windows, images));
}

/** One over the number of elements of every window that are not in the border, for all windows. */
function weightsOf(windows: readonly Windows[], { dtype, device }: NdArray): NdArray {
  let counts = [1];
  for (const along of windows) {
    const own = elementsOfWindows(along).flatMap(({ out, taps }) =>
      Array.from({ length: out.count }, () => taps.length),
    );
    counts = counts.flatMap((product) => own.map((taps) => product * taps));
  }
  const shape = windows.map(({ count }) => count);
  return array(
    counts.map((count) => 1 / count),
    { dtype, device },
  ).reshape(1, 1, ...shape);
}
