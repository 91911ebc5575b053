import { ValueError } from "../errors.js";
import { backendOf } from "../kernel/launch.js";
import { NdArray } from "../ndarray.js";
import type { Shape } from "../shape.js";
import {
  checkGroups,
  checkWindows,
  convolutionGeometry,
  perAxis,
  spatialAxes,
  type WindowOptions,
} from "./geometry.js";
import { runGradInput } from "./run.js";

/**
 * Gradient of a `convolution` by its input: every element of `gy`, times the kernel, is added to where its window lay.
 * By itself it is known as transposed convolution, or deconvolution.
 *
 * @param gy - Shape `(N, O, …out)`.
 * @param w - Shape `(O, C / groups, …kernel)`, of `gy`'s dtype.
 * @param insize - Lengths of the input's spatial axes. What windows reach beyond them is left out.
 * @returns Shape `(N, C, …insize)`.
 * @throws InvalidType if dtypes differ; ValueError if shapes do not fit.
 */
export function convolutionGradInput(gy: NdArray, w: NdArray, insize: Shape, options: WindowOptions = {}): NdArray {
  const name = "convolutionGradInput";
  const axes = spatialAxes(name, ["gy", gy], ["w", w]);
  const geometry = convolutionGeometry(name, axes, options);
  const [batch, channels] = gy.shape as [number, number];
  const [outputs, inner] = w.shape as [number, number];
  if (channels !== outputs) {
    throw new ValueError(`${name}: expected gy.shape[1] == w.shape[0], got ${channels} != ${outputs}`);
  }
  checkGroups(name, "gy's channels", channels, geometry.groups);
  const lengths = perAxis(name, "insize", insize, axes, 0);
  checkWindows(name, lengths, w.shape.slice(2), gy.shape.slice(2));
  const backend = backendOf(name, [gy, w]);
  const gx = NdArray.allocate(backend, gy.dtype, [batch, inner * geometry.groups, ...lengths]);
  runGradInput(gy, w, gx, geometry);
  return gx;
}
