import type { Variable, VariableLike } from "../../variable.js";
import { reshape } from "./reshape.js";
import { concatAs } from "./concat.js";
import { expectSameShapes } from "./stacking.js";

/**
 * Joins arrays along their first axis; arrays of one axis become rows.
 *
 * Follows Chainer's `vstack`.
 *
 * @param xs - One array or more, of one dtype, whose shapes agree on the other axes.
 * @throws InvalidType if shapes or dtypes do not fit, or the list is empty.
 */
export function vstack(xs: readonly VariableLike[]): Variable {
  expectSameShapes("vstack", xs, 1);
  return concatAs(
    "vstack",
    xs.map((x) => (x.ndim < 2 ? reshape(x, [1, x.size]) : x)),
    0,
  );
}
