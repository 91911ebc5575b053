import { expectAxis } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { reshape } from "./reshape.js";
import { splitAxis } from "./split-axis.js";

/** Options of {@link separate}. */
export interface SeparateOptions {
  /** The axis to take apart, 0 by default. */
  readonly axis?: number;
}

/**
 * Takes an array apart along an axis: one result for each position, without that axis. The inverse of `stack`. Nothing is
 * copied.
 *
 * Follows Chainer's `separate`.
 *
 * @throws InvalidType if there is no such axis.
 */
export function separate(x: VariableLike, { axis = 0 }: SeparateOptions = {}): Variable[] {
  const at = expectAxis("separate", "axis", axis, x.ndim);
  const length = x.shape[at] as number;
  if (length === 0) return [];
  const shape = x.shape.toSpliced(at, 1);
  return splitAxis(x, length, at).map((part) => reshape(part, shape));
}
