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
import { runGradWeight } from "./run.js";

/**
 * Gradient of a `convolution` by its weights: what every element of the kernel met, times `gy`, summed over images and
 * windows.
 *
 * @param x - Shape `(N, C, …in)`.
 * @param gy - Shape `(N, O, …out)`, of `x`'s dtype.
 * @param ksize - Lengths of the kernel's spatial axes.
 * @returns Shape `(O, C / groups, …ksize)`.
 * @throws InvalidType if dtypes differ; ValueError if shapes do not fit.
 */
export function convolutionGradWeight(x: NdArray, gy: NdArray, ksize: Shape, options: WindowOptions = {}): NdArray {
  const name = "convolutionGradWeight";
  const axes = spatialAxes(name, ["x", x], ["gy", gy]);
  const geometry = convolutionGeometry(name, axes, options);
  const { groups } = geometry;
  const [batch, channels] = x.shape as [number, number];
  const [images, outputs] = gy.shape as [number, number];
  if (batch !== images) {
    throw new ValueError(`${name}: expected x.shape[0] == gy.shape[0], got ${batch} != ${images}`);
  }
  checkGroups(name, "x's channels", channels, groups);
  checkGroups(name, "gy's channels", outputs, groups);
  const kernel = perAxis(name, "ksize", ksize, axes, 1);
  checkWindows(name, x.shape.slice(2), kernel, gy.shape.slice(2));
  const gw = NdArray.allocate(backendOf(name, [x, gy]), x.dtype, [outputs, channels / groups, ...kernel]);
  runGradWeight(x, gy, gw, geometry);
  return gw;
}
