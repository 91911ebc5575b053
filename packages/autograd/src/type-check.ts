/**
 * Checks of what a function is given, thrown as `InvalidType` before anything is computed:
 * `linear (forward): expected x.shape[1] == W.shape[1], got 5 != 4`.
 */
import { InvalidType, isFloating, type DType, type NdArray } from "@chain/array";
import { formatShape, sameShape } from "./shape.js";

/** Throws `InvalidType` unless `holds`. Texts that cost something to make are given as functions. */
export function expectThat(
  label: string,
  holds: boolean,
  expected: string | (() => string),
  actual: string | (() => string),
): void {
  if (!holds) throw invalidType(label, text(expected), text(actual));
}

/** The error itself, for checks that do not fit the others. */
export function invalidType(label: string, expected: string, actual: string): InvalidType {
  return InvalidType.of(`${label} (forward)`, expected, actual);
}

/** `x` must be of a floating dtype. */
export function expectFloating(label: string, name: string, x: NdArray): void {
  if (!isFloating(x.dtype)) throw invalidType(label, `${name} of a floating dtype`, x.dtype);
}

/** `x` must be of an integer dtype. */
export function expectInteger(label: string, name: string, x: NdArray): void {
  if (isFloating(x.dtype) || x.dtype === "bool") throw invalidType(label, `${name} of an integer dtype`, x.dtype);
}

/** `x` must be of the dtype. */
export function expectDtype(label: string, name: string, x: NdArray, dtype: DType): void {
  if (x.dtype !== dtype) throw invalidType(label, `${name}.dtype == ${dtype}`, x.dtype);
}

/** Two arrays must be of one dtype. */
export function expectSameDtype(label: string, xName: string, x: NdArray, yName: string, y: NdArray): void {
  if (x.dtype !== y.dtype) {
    throw invalidType(label, `${xName}.dtype == ${yName}.dtype`, `${x.dtype} != ${y.dtype}`);
  }
}

/** Two arrays must be of one shape. */
export function expectSameShape(label: string, xName: string, x: NdArray, yName: string, y: NdArray): void {
  if (!sameShape(x.shape, y.shape)) {
    throw invalidType(label, `${xName}.shape == ${yName}.shape`, `${formatShape(x.shape)} != ${formatShape(y.shape)}`);
  }
}

/** `x` must have exactly `ndim` axes. */
export function expectNdim(label: string, name: string, x: NdArray, ndim: number): void {
  if (x.shape.length !== ndim) throw invalidType(label, `${name}.ndim == ${ndim}`, `${x.shape.length}`);
}

/** `x` must have at least `ndim` axes. */
export function expectMinNdim(label: string, name: string, x: NdArray, ndim: number): void {
  if (x.shape.length < ndim) throw invalidType(label, `${name}.ndim >= ${ndim}`, `${x.shape.length}`);
}

/** Two sizes must be equal: `expectEqual("linear", "x.shape[1]", 5, "W.shape[1]", 4)`. */
export function expectEqual(label: string, left: string, leftValue: number, right: string, rightValue: number): void {
  if (leftValue !== rightValue) throw invalidType(label, `${left} == ${right}`, `${leftValue} != ${rightValue}`);
}

/** `axis` must be one of an array of `ndim` axes; gives it counted from the front. */
export function expectAxis(label: string, name: string, axis: number, ndim: number): number {
  if (!Number.isInteger(axis) || axis < -ndim || axis >= ndim) {
    throw invalidType(label, `-${ndim} <= ${name} < ${ndim}`, `${axis}`);
  }
  return axis < 0 ? axis + ndim : axis;
}

/** An `axis` argument resolved to ascending axis numbers: one, several, or null for all. */
export function expectAxes(label: string, axis: number | readonly number[] | null | undefined, ndim: number): number[] {
  if (axis === null || axis === undefined) return Array.from({ length: ndim }, (_, i) => i);
  const axes = (typeof axis === "number" ? [axis] : axis).map((a) => expectAxis(label, "axis", a, ndim));
  if (new Set(axes).size < axes.length) throw invalidType(label, "axes without repeats", String(axis));
  return axes.sort((a, b) => a - b);
}

function text(value: string | (() => string)): string {
  return typeof value === "string" ? value : value();
}
