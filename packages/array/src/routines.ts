import type { NdArray } from "./ndarray.js";

/** What a matrix product does with a row of results before it is stored. */
export type Activation = "none" | "relu";

/** Extras of a matrix product. */
export interface MatmulEpilogue {
  /** Added to every row: a contiguous array of length N. */
  readonly bias: NdArray | null;
  readonly activation: Activation;
  /** Adds to what `out` holds instead of replacing it. */
  readonly accumulate: boolean;
}

/** How windows lie over an input. Lists hold one number a spatial axis. */
export interface ConvolutionGeometry {
  /** Distance between neighbouring windows, from 1 up. */
  readonly stride: readonly number[];
  /**
   * How far the first window starts before the first element; may be negative. Elements outside the input are 0, also
   * those that windows reach after its end: how many windows there are, the output's shape says.
   */
  readonly pad: readonly number[];
  /** Distance between neighbouring elements of a window, from 1 up. */
  readonly dilate: readonly number[];
  /** Input and output channels fall into so many groups, which have nothing to do with each other. */
  readonly groups: number;
}

/** How windows of `size` elements lie over an input, as in {@link ConvolutionGeometry}. */
export interface WindowGeometry extends Pick<ConvolutionGeometry, "stride" | "pad"> {
  readonly size: readonly number[];
}

/** Extras of a convolution, done before a result is stored. */
export interface ConvolutionEpilogue {
  /** Added to every element of an output channel: a contiguous array of as many numbers as there are channels. */
  readonly bias: NdArray | null;
  readonly activation: Activation;
}

/**
 * The hand-tuned operations beside generated kernels. A backend has any of them; callers go through the functions of
 * this package, which compose what is missing from kernels. Arguments have been checked, results are allocated.
 */
export interface Routines {
  /**
   * `out[…, M, N] = a[…, M, K] · b[…, K, N]`: all of one dtype, batch axes broadcast to `out`'s (stride 0), any strides
   * for `a` and `b`, `out` contiguous and on memory of its own; floats, nothing is empty. Sums are float32 or better.
   *
   * @returns whether it was done; false leaves it to the composition (a dtype, or a size, that it has not).
   */
  matmul(a: NdArray, b: NdArray, out: NdArray, epilogue: MatmulEpilogue): boolean;
  /** `out[i, …] = x[indices[i], …]`: x, out contiguous 2-d (rows), indices contiguous int32 1-d, all within range. */
  gather(x: NdArray, indices: NdArray, out: NdArray): void;
  /** `out[indices[i], …] += x[i, …]` in order of i: x, out contiguous 2-d, indices contiguous int32 1-d, within range. */
  scatterAdd(x: NdArray, indices: NdArray, out: NdArray): void;
  /** Stable order of every row of contiguous 2-d `x`, NaN last, into int32 `out`. */
  argsort(x: NdArray, out: NdArray): void;
  /**
   * Arrays one after the other: `parts` and `out` are contiguous and of one dtype, and `out` has as many elements as all parts.
   *
   * @returns whether it was done; false leaves it to a copy of each part (which pays where they are long).
   */
  join(parts: readonly NdArray[], out: NdArray): boolean;
  /** Running sums or products along the rows of contiguous 2-d `x`, all of one dtype. */
  scan(x: NdArray, out: NdArray, operation: "sum" | "prod"): void;
  /**
   * `out[n, o, p] = activation(bias[o] + Σ w[o, c, k] · x[n, c, p · stride + k · dilate − pad])` for positions `p` of the
   * output and `k` of the kernel along all spatial axes, `c` running over the input channels of `o`'s group: what deep
   * learning calls a convolution. `x` has shape `(N, C, …in)`, `w` `(O, C / groups, …kernel)`, `out` `(N, O, …out)`; none
   * is empty, all are contiguous and floats; sums are float32 or better.
   *
   * @returns whether it was done; false leaves it to the composition (a dtype, or a number of axes, that it has not).
   */
  convolution(
    x: NdArray,
    w: NdArray,
    out: NdArray,
    geometry: ConvolutionGeometry,
    epilogue: ConvolutionEpilogue,
  ): boolean;
  /** The gradient of {@link convolution} by `x`, from the one by its output: a transposed convolution. As above. */
  convolutionGradInput(gy: NdArray, w: NdArray, gx: NdArray, geometry: ConvolutionGeometry): boolean;
  /** The gradient of {@link convolution} by `w`, from the one by its output. As above. */
  convolutionGradWeight(x: NdArray, gy: NdArray, gw: NdArray, geometry: ConvolutionGeometry): boolean;
  /**
   * The largest element of every window of contiguous `x`, shape `(N, C, …in)`, into `y`, and its place in the flattened window into
   * int32 `places`, both of shape `(N, C, …out)` and contiguous. What is outside of `x` counts as minus infinity.
   *
   * @returns whether it was done; false leaves it to a composition.
   */
  windowMaxima(x: NdArray, y: NdArray, places: NdArray, geometry: WindowGeometry): boolean;
  /**
   * Adds every element of `gy`, shape `(N, C, …out)`, at its place in its window of `gx`, shape `(N, C, …in)`, which is zero
   * elsewhere; all contiguous and of one dtype, `places` int32. As above.
   */
  putIntoWindows(gy: NdArray, places: NdArray, gx: NdArray, geometry: WindowGeometry): boolean;
  /** `scale` times the sum of every window, from `(N, C, …in)` to `(N, C, …out)`; what is outside of `x` is 0. As above. */
  windowSums(x: NdArray, y: NdArray, geometry: WindowGeometry, scale: number): boolean;
  /** Adds every element of `gy`, times `scale`, to all of its window of `gx`, which is zero elsewhere. As above. */
  spreadOverWindows(gy: NdArray, gx: NdArray, geometry: WindowGeometry, scale: number): boolean;
}

const table = {
  matmul: true,
  gather: true,
  scatterAdd: true,
  argsort: true,
  join: true,
  scan: true,
  convolution: true,
  convolutionGradInput: true,
  convolutionGradWeight: true,
  windowMaxima: true,
  putIntoWindows: true,
  windowSums: true,
  spreadOverWindows: true,
} as const satisfies Record<keyof Routines, true>;

/** Every routine's name. */
export const routineNames = Object.keys(table) as (keyof Routines)[];
