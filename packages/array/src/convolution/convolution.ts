import { InvalidType, ValueError } from "../errors.js";
import { backendOf } from "../kernel/launch.js";
import { NdArray } from "../ndarray.js";
import type { Activation } from "../routines.js";
import { formatShape } from "../shape.js";
import {
  checkGroups,
  checkWindows,
  convolutionGeometry,
  perAxis,
  spatialAxes,
  type WindowOptions,
} from "./geometry.js";
import { getConvOutsize } from "./outsize.js";
import { runConvolution } from "./run.js";

/** Options of {@link convolution}. */
export interface ConvolutionOptions extends WindowOptions {
  /** Added to every output channel: an array of as many numbers as there are; none by default. */
  readonly bias?: NdArray | null;
  /** Applied after the bias; "none" by default. */
  readonly activation?: Activation;
  /**
   * Number of windows along every spatial axis: as many as fit by default. Where there are more, what they reach after
   * the padding is 0 too.
   */
  readonly outsize?: readonly number[];
}

/**
 * Convolution in any number of dimensions, as deep learning uses the word (the kernel is not flipped):
 * `y[n, o, p] = activation(bias[o] + Σ w[o, c, k] · x[n, c, p · stride + k · dilate − pad])`.
 *
 * @param x - Shape `(N, C, …in)`.
 * @param w - Shape `(O, C / groups, …kernel)`, of `x`'s dtype.
 * @returns Shape `(N, O, …out)`.
 * @throws InvalidType if dtypes differ; ValueError if shapes do not fit, or the input is smaller than a window.
 */
export function convolution(x: NdArray, w: NdArray, options: ConvolutionOptions = {}): NdArray {
  const name = "convolution";
  const axes = spatialAxes(name, ["x", x], ["w", w]);
  const geometry = convolutionGeometry(name, axes, options);
  const { bias = null, activation = "none" } = options;
  const [batch, channels] = x.shape as [number, number];
  const [outputs, inner] = w.shape as [number, number];
  const [input, kernel] = [x.shape.slice(2), w.shape.slice(2)];
  if (inner * geometry.groups !== channels) {
    throw new ValueError(
      `${name}: expected x.shape[1] == w.shape[1] * groups, got ${channels} != ${inner} * ${geometry.groups}`,
    );
  }
  checkGroups(name, "w's output channels", outputs, geometry.groups);
  const { stride, pad, dilate } = geometry;
  const fitting = input.map((length, i) => {
    const [k, s, p, d] = [kernel[i], stride[i], pad[i], dilate[i]] as [number, number, number, number];
    return getConvOutsize(length, k, s, p, { d });
  });
  const out = options.outsize === undefined ? fitting : perAxis(name, "outsize", options.outsize, axes, 0);
  checkWindows(name, input, kernel, out);
  if (bias !== null) {
    if (bias.dtype !== x.dtype) throw InvalidType.of(name, `a bias of x's dtype, ${x.dtype}`, bias.dtype);
    if (bias.ndim !== 1 || bias.shape[0] !== outputs) {
      throw new ValueError(`${name}: bias has shape ${formatShape(bias.shape)}, expected (${outputs},)`);
    }
  }
  const backend = backendOf(name, bias === null ? [x, w] : [x, w, bias]);
  const y = NdArray.allocate(backend, x.dtype, [batch, outputs, ...out]);
  runConvolution(x, w, y, geometry, { bias, activation });
  return y;
}
