import { InvalidType, ValueError } from "../errors.js";
import type { NdArray } from "../ndarray.js";
import type { ConvolutionGeometry } from "../routines.js";
import { formatShape, type Shape } from "../shape.js";

/** One number for all spatial axes, or one for each. */
export type AxisSizes = number | readonly number[];

/** How the windows of a convolution lie. */
export interface WindowOptions {
  /** Distance between neighbouring windows, 1 by default. */
  readonly stride?: AxisSizes;
  /** Zeros around the input, 0 by default. */
  readonly pad?: AxisSizes;
  /** Distance between neighbouring elements of a window, 1 by default. */
  readonly dilate?: AxisSizes;
  /** Number of groups of channels that are convolved each by itself, 1 by default. */
  readonly groups?: number;
}

/**
 * Options with every choice made, for so many spatial axes. `name` is what errors call the function.
 *
 * @throws ValueError for sizes that make no sense.
 */
export function convolutionGeometry(name: string, axes: number, options: WindowOptions): ConvolutionGeometry {
  const { stride = 1, pad = 0, dilate = 1, groups = 1 } = options;
  return {
    stride: perAxis(name, "stride", stride, axes, 1),
    pad: perAxis(name, "pad", pad, axes, 0),
    dilate: perAxis(name, "dilate", dilate, axes, 1),
    groups: perAxis(name, "groups", groups, 1, 1)[0] as number,
  };
}

/** One number an axis, each whole and not below `least`. */
export function perAxis(name: string, what: string, given: AxisSizes, axes: number, least: number): readonly number[] {
  const list = typeof given === "number" ? new Array<number>(axes).fill(given) : given;
  if (list.length !== axes || !list.every((size) => Number.isInteger(size) && size >= least)) {
    const expected = axes === 1 ? "a whole number" : `one whole number, or ${axes} of them,`;
    throw new ValueError(
      `${name}: ${what} is ${expected} from ${least} up, got ${typeof given === "number" ? given : formatShape(given)}`,
    );
  }
  return list;
}

/** An array and what it is called. */
export type Named = readonly [name: string, x: NdArray];

/** Checks that two arrays have batch or channel axes, the same spatial axes, and one dtype; gives their number. */
export function spatialAxes(name: string, [firstName, first]: Named, [secondName, second]: Named): number {
  if (first.dtype !== second.dtype) {
    throw InvalidType.of(name, `${secondName} of ${firstName}'s dtype, ${first.dtype}`, second.dtype);
  }
  if (first.ndim < 3 || second.ndim !== first.ndim) {
    throw new ValueError(
      `${name}: ${firstName} and ${secondName} have two axes and then the same number of spatial axes, at least one; ` +
        `got shapes ${formatShape(first.shape)} and ${formatShape(second.shape)}`,
    );
  }
  return first.ndim - 2;
}

/** Checks that channels, which are called `what`, fall into groups. */
export function checkGroups(name: string, what: string, channels: number, groups: number): void {
  if (channels % groups !== 0) {
    throw new ValueError(`${name}: ${what}, ${channels}, do not fall into ${groups} groups of one size`);
  }
}

/** Checks that an output has windows, and a kernel elements, along every axis. */
export function checkWindows(name: string, input: Shape, kernel: Shape, out: Shape): void {
  if (kernel.some((length) => length < 1)) {
    throw new ValueError(`${name}: a kernel of shape ${formatShape(kernel)} is empty`);
  }
  if (out.some((length) => length < 1)) {
    throw new ValueError(
      `${name}: an input of shape ${formatShape(input)} is smaller than a window of ${formatShape(kernel)} elements; ` +
        `pad it, or use a smaller kernel`,
    );
  }
}
