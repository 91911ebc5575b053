import { ValueError } from "../errors.js";
import type { NdArray } from "../ndarray.js";
import { axisFrom, type AxisOption } from "../options.js";
import { normalizeAxis } from "../shape.js";
import { sliceAxis, viewOf } from "../views.js";

/**
 * An array cut along an axis, 0 by default, into views (NumPy's `split`): `sections` equal parts, or parts that end
 * before the positions in a list.
 *
 * @throws ValueError if the axis does not divide into `sections` equal parts.
 */
export function split(x: NdArray, sections: number | readonly number[], options?: AxisOption): NdArray[] {
  const axis = splitAxis("split", x, axisFrom(options, 0));
  const length = x.shape[axis] as number;
  if (typeof sections === "number" && sections > 0 && length % sections !== 0) {
    throw new ValueError(
      `split: axis ${axis} of length ${length} does not divide into ${sections} equal parts; use arraySplit()`,
    );
  }
  return arraySplit(x, sections, { axis });
}

/** As {@link split}, but the first parts are one longer where equal parts are impossible (NumPy's `array_split`). */
export function arraySplit(x: NdArray, sections: number | readonly number[], options?: AxisOption): NdArray[] {
  const axis = splitAxis("arraySplit", x, axisFrom(options, 0));
  const length = x.shape[axis] as number;
  const ends = typeof sections === "number" ? equalEnds(length, sections) : [...sections, length];
  let start = 0;
  return ends.map((given) => {
    const end = clampIndex(given, length);
    const part = viewOf(x, sliceAxis(x, axis, Math.min(start, length), Math.max(0, end - start)));
    start = end;
    return part;
  });
}

/** {@link split} along axis 0 (NumPy's `vsplit`). */
export function vsplit(x: NdArray, sections: number | readonly number[]): NdArray[] {
  return split(x, sections, { axis: splitAxis("vsplit", x, 0, 2) });
}

/** {@link split} along axis 1, or along the only axis (NumPy's `hsplit`). */
export function hsplit(x: NdArray, sections: number | readonly number[]): NdArray[] {
  return split(x, sections, { axis: splitAxis("hsplit", x, x.ndim > 1 ? 1 : 0) });
}

/** {@link split} along axis 2 (NumPy's `dsplit`). */
export function dsplit(x: NdArray, sections: number | readonly number[]): NdArray[] {
  return split(x, sections, { axis: splitAxis("dsplit", x, 2, 3) });
}

function splitAxis(name: string, x: NdArray, axis: number, least = 1): number {
  if (x.ndim < least) throw new ValueError(`${name}: needs an array of at least ${least} axes, got ${x.ndim}`);
  return normalizeAxis(axis, x.ndim);
}

/** Where `count` parts end whose lengths differ by at most one. */
function equalEnds(length: number, count: number): number[] {
  if (!Number.isInteger(count) || count <= 0) {
    throw new ValueError(`split: the number of sections is a whole number above 0, got ${count}`);
  }
  const short = Math.floor(length / count);
  const extra = length % count;
  return Array.from({ length: count }, (_, i) => short * (i + 1) + Math.min(i + 1, extra));
}

function clampIndex(index: number, length: number): number {
  if (!Number.isInteger(index)) throw new ValueError(`split: positions are whole numbers, got ${index}`);
  return Math.max(0, Math.min(index < 0 ? index + length : index, length));
}
