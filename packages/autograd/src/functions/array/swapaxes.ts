import { expectAxis } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { transpose } from "./transpose.js";

/**
 * Exchanges two axes. Nothing is copied.
 *
 * Follows Chainer's `swapaxes`.
 *
 * @throws InvalidType if an axis is out of range.
 */
export function swapaxes(x: VariableLike, axis1: number, axis2: number): Variable {
  const a = expectAxis("swapaxes", "axis1", axis1, x.ndim);
  const b = expectAxis("swapaxes", "axis2", axis2, x.ndim);
  const order = x.shape.map((_, axis) => axis);
  order[a] = b;
  order[b] = a;
  return transpose(x, order);
}
