import { expectAxis } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { reshape } from "./reshape.js";

/**
 * Inserts an axis of length 1, which is axis `axis` of the result. Nothing is copied.
 *
 * Follows Chainer's `expand_dims`.
 *
 * @throws InvalidType if `axis` is out of range.
 */
export function expandDims(x: VariableLike, axis: number): Variable {
  return reshape(x, x.shape.toSpliced(expectAxis("expandDims", "axis", axis, x.ndim + 1), 0, 1));
}
