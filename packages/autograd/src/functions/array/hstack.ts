import type { Variable, VariableLike } from "../../variable.js";
import { reshape } from "./reshape.js";
import { concatAs } from "./concat.js";
import { expectSameShapes } from "./stacking.js";

/**
 * Joins arrays along their second axis; arrays of one axis along that one, and 0-d arrays to one of one axis.
 *
 * Follows Chainer's `hstack`.
 *
 * @param xs - One array or more, of one dtype, whose shapes agree on the other axes.
 * @throws InvalidType if shapes or dtypes do not fit, or the list is empty.
 */
export function hstack(xs: readonly VariableLike[]): Variable {
  expectSameShapes("hstack", xs, 0);
  const ndim = (xs[0] as VariableLike).ndim;
  return concatAs("hstack", ndim === 0 ? xs.map((x) => reshape(x, [1])) : xs, ndim < 2 ? 0 : 1);
}
