import type { Variable, VariableLike } from "../../variable.js";
import { splitParts } from "./concat.js";

/** Options of {@link splitAxis}. */
export interface SplitAxisOptions {
  /** Whether to return a list even if there is only one part. Default true. */
  readonly forceTuple?: boolean;
}

/**
 * Cuts an array along an axis, into views.
 *
 * Follows Chainer's `split_axis`.
 *
 * @param indicesOrSections - Into how many equal parts, or before which positions to cut.
 * @throws InvalidType if there is no such axis, or it does not divide that way.
 */
export function splitAxis(
  x: VariableLike,
  indicesOrSections: number | readonly number[],
  axis: number,
  options?: { readonly forceTuple?: true },
): Variable[];
export function splitAxis(
  x: VariableLike,
  indicesOrSections: number | readonly number[],
  axis: number,
  options: SplitAxisOptions,
): Variable | Variable[];
export function splitAxis(
  x: VariableLike,
  indicesOrSections: number | readonly number[],
  axis: number,
  { forceTuple = true }: SplitAxisOptions = {},
): Variable | Variable[] {
  const sections = typeof indicesOrSections === "number" ? indicesOrSections : [...indicesOrSections];
  const parts = splitParts(x, sections, axis);
  return forceTuple || parts.length !== 1 ? parts : (parts[0] as Variable);
}
