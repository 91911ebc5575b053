import { expectAxis } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { concatAs } from "./concat.js";
import { expandDims } from "./expand-dims.js";
import { expectSameShapes } from "./stacking.js";

/** Options of {@link stack}. */
export interface StackOptions {
  /** Position of the new axis in the result, 0 by default. */
  readonly axis?: number;
}

/**
 * Joins arrays along a new axis.
 *
 * Follows Chainer's `stack`.
 *
 * @param xs - One array or more, of one shape and dtype.
 * @throws InvalidType if shapes or dtypes differ, the list is empty, or the axis is out of range.
 */
export function stack(xs: readonly VariableLike[], { axis = 0 }: StackOptions = {}): Variable {
  expectSameShapes("stack", xs, Infinity);
  const at = expectAxis("stack", "axis", axis, (xs[0] as VariableLike).ndim + 1);
  return concatAs(
    "stack",
    xs.map((x) => expandDims(x, at)),
    at,
  );
}
