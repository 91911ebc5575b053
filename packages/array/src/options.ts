/** How optional arguments are given: by name in an options object or, where NumPy's users do, in their place. */
import { NdArray } from "./ndarray.js";
import type { Axis } from "./shape.js";

/** Which axis to work along: `{ axis: 1 }`, or just `1`. */
export type AxisOption = number | { readonly axis?: number };

/** As {@link AxisOption}, where `null` means the flattened array. */
export type OptionalAxis = number | null | { readonly axis?: number | null };

/** The axis that an option names. */
export function axisFrom<D extends number | null>(option: AxisOption | undefined, otherwise: D): number | D;
export function axisFrom(option: OptionalAxis | undefined, otherwise: number | null): number | null;
export function axisFrom(option: OptionalAxis | undefined, otherwise: number | null): number | null {
  if (typeof option === "number" || option === null) return option;
  return option?.axis === undefined ? otherwise : option.axis;
}

/** Which diagonal: 0 the main one, above it positive: `{ k: 1 }`, or just `1`. */
export type DiagonalOption = number | { readonly k?: number };

/** The diagonal that an option names. */
export function diagonalFrom(option: DiagonalOption | undefined): number {
  return typeof option === "number" ? option : (option?.k ?? 0);
}

/** Which axes to work along, `null` for all: `{ axis: [0, 1] }`, or just `[0, 1]`. */
export type AxesOption = Axis | { readonly axis?: Axis };

/** The axes that an option names; undefined if none. */
export function axesFrom(option: AxesOption | undefined): Axis | undefined {
  if (typeof option === "number" || option === null || option === undefined) return option;
  return isAxes(option) ? option : option.axis;
}

function isAxes(option: readonly number[] | { readonly axis?: Axis }): option is readonly number[] {
  return Array.isArray(option);
}

/** An optional array and the options behind it, where callers may leave the array out: `f(x, w, { … })`, `f(x, { … })`. */
export function optionalArray<O extends object>(
  array: NdArray | O | null | undefined,
  options: O | undefined,
): [array: NdArray | null, options: O | undefined] {
  if (array === undefined || array === null || array instanceof NdArray) return [array ?? null, options];
  return [null, array];
}
