/** Options of {@link getConvOutsize} and {@link getDeconvOutsize}. */
export interface OutsizeOptions {
  /** Whether windows cover every element, reaching over the end if need be. Default false. */
  readonly coverAll?: boolean;
  /** Distance between neighbouring elements of a window, 1 by default. */
  readonly d?: number;
}

/**
 * Number of windows of `k` elements, `s` apart, along an axis of `size` elements with `p` zeros at each end (Chainer's
 * `get_conv_outsize`). It is 0 or less where the axis is shorter than a window.
 */
export function getConvOutsize(size: number, k: number, s: number, p: number, options: OutsizeOptions = {}): number {
  const { coverAll = false, d = 1 } = options;
  const room = size + 2 * p - reach(k, d) + (coverAll ? s - 1 : 0);
  return Math.floor(room / s) + 1;
}

/** Length of an axis on which there are `size` windows: {@link getConvOutsize} backwards (Chainer's `get_deconv_outsize`). */
export function getDeconvOutsize(size: number, k: number, s: number, p: number, options: OutsizeOptions = {}): number {
  const { coverAll = false, d = 1 } = options;
  return s * (size - 1) + reach(k, d) - 2 * p + (coverAll ? 1 - s : 0);
}

/** Elements from the first to the last of a window. */
function reach(k: number, d: number): number {
  return (k - 1) * d + 1;
}
