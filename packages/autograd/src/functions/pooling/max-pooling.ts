import type { NdArray } from "@chain/array";
import type { Gradients } from "../../function-node.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { WindowFunction } from "./window-function.js";
import { maxOfWindows, pickFromWindows, putIntoWindows } from "./window-maxima.js";
import { windowSizes, windowsOn, type PerAxis, type Windows } from "./windows.js";

/** A run of max pooling. */
export class MaxPooling extends WindowFunction {
  /** Where the maxima were. */
  places: NdArray | null = null;

  override forward([x]: readonly [NdArray]): NdArray[] {
    const { y, places } = maxOfWindows(x, this.windows);
    this.places = places;
    return [y];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    return [putAt(this.label, gy, this.places as NdArray, this.windows)];
  }

  override unchain(): void {
    super.unchain();
    this.places = null;
  }
}

/** Adds every element at its place in its window: the transpose of {@link PickAt}. */
class PutAt extends WindowFunction {
  constructor(
    name: string,
    private readonly places: NdArray,
    windows: readonly Windows[],
  ) {
    super(name, windows);
  }

  override forward([gy]: readonly [NdArray]): NdArray[] {
    return [putIntoWindows(gy, this.places, this.windows)];
  }

  override backward(_indexes: readonly number[], [ggx]: readonly [Variable]): Gradients {
    return [new PickAt(this.label, this.places, this.windows).apply([ggx])[0] as Variable];
  }
}

/** The element at its place in every window. */
class PickAt extends WindowFunction {
  constructor(
    name: string,
    private readonly places: NdArray,
    windows: readonly Windows[],
  ) {
    super(name, windows);
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    return [pickFromWindows(x, this.places, this.windows)];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    return [putAt(this.label, gy, this.places, this.windows)];
  }
}

/** Elements at given places of their windows, added where windows overlap, and zeros elsewhere. */
export function putAt(label: string, x: VariableLike, places: NdArray, windows: readonly Windows[]): Variable {
  return new PutAt(label, places, windows).apply([x])[0] as Variable;
}

/** Options of max pooling. */
export interface MaxPoolingOptions<K = PerAxis, R extends boolean = boolean> {
  /** Distance between windows; the size of a window by default. */
  readonly stride?: K | null;
  /** Width of a border that counts as minus infinity, 0 by default. */
  readonly pad?: K;
  /** Whether windows cover every element, reaching over the end if need be. Default true. */
  readonly coverAll?: boolean;
  /** Whether the places of the maxima are returned too. Default false. */
  readonly returnIndices?: R;
}

/** The result; with `returnIndices`, also where the maxima were. */
export type MaxPoolingResult<R extends boolean> = R extends true ? [y: Variable, indices: NdArray] : Variable;

/**
 * The largest element of every window; NaN if there is one. The gradient goes to the first of several.
 *
 * Follows Chainer's `max_pooling_nd`.
 *
 * @param x - Shape `(batch, channels, …)`, floating, with as many further axes as `ksize` has numbers.
 * @param ksize - Size of a window along each of them; a number where all are the same.
 * @returns Shape `(batch, channels, …)`, dtype of `x`. With `returnIndices`, also the position of each maximum in its
 * flattened window, int32 of the same shape.
 * @throws InvalidType if `x` is not floating, has other axes, or is smaller than a window; ValueError for sizes that make
 * no sense.
 */
export function maxPoolingNd<R extends boolean = false>(
  x: VariableLike,
  ksize: PerAxis,
  options: MaxPoolingOptions<PerAxis, R> = {},
): MaxPoolingResult<R> {
  return maxPooling("maxPoolingNd", asArray(x).ndim - 2, x, ksize, options);
}

/** {@link maxPoolingNd} along one axis (Chainer's `max_pooling_1d`): `x` of shape `(batch, channels, length)`. */
export function maxPooling1d<R extends boolean = false>(
  x: VariableLike,
  ksize: number | readonly [number],
  options: MaxPoolingOptions<number | readonly [number], R> = {},
): MaxPoolingResult<R> {
  return maxPooling("maxPooling1d", 1, x, ksize, options);
}

/** {@link maxPoolingNd} of images (Chainer's `max_pooling_2d`): `x` of shape `(batch, channels, height, width)`. */
export function maxPooling2d<R extends boolean = false>(
  x: VariableLike,
  ksize: number | readonly [number, number],
  options: MaxPoolingOptions<number | readonly [number, number], R> = {},
): MaxPoolingResult<R> {
  return maxPooling("maxPooling2d", 2, x, ksize, options);
}

/** {@link maxPoolingNd} of volumes (Chainer's `max_pooling_3d`): `x` of shape `(batch, channels, depth, height, width)`. */
export function maxPooling3d<R extends boolean = false>(
  x: VariableLike,
  ksize: number | readonly [number, number, number],
  options: MaxPoolingOptions<number | readonly [number, number, number], R> = {},
): MaxPoolingResult<R> {
  return maxPooling("maxPooling3d", 3, x, ksize, options);
}

function maxPooling<R extends boolean>(
  label: string,
  ndim: number,
  x: VariableLike,
  ksize: PerAxis,
  { stride, pad = 0, coverAll = true, returnIndices }: MaxPoolingOptions<PerAxis, R>,
): MaxPoolingResult<R> {
  const windows = windowsOn(label, asArray(x), windowSizes(label, ndim, ksize, stride, pad), coverAll);
  const pooling = new MaxPooling(label, windows);
  const [y] = pooling.apply([x]) as [Variable];
  return (returnIndices === true ? [y, pooling.places as NdArray] : y) as MaxPoolingResult<R>;
}
