import { expectAxis } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { transpose } from "./transpose.js";

/** Options of {@link rollaxis}. */
export interface RollaxisOptions {
  /** The axis is moved to lie before this one; 0 by default, and the number of axes is the end. */
  readonly start?: number;
}

/**
 * Moves an axis to lie before another one. Nothing is copied.
 *
 * Follows Chainer's `rollaxis`.
 *
 * @throws InvalidType if an axis is out of range.
 */
export function rollaxis(x: VariableLike, axis: number, { start = 0 }: RollaxisOptions = {}): Variable {
  const { ndim } = x;
  const from = expectAxis("rollaxis", "axis", axis, ndim);
  const before = start === ndim ? ndim : expectAxis("rollaxis", "start", start, ndim);
  const order = x.shape.map((_, i) => i).filter((i) => i !== from);
  order.splice(from < before ? before - 1 : before, 0, from);
  return transpose(x, order);
}
