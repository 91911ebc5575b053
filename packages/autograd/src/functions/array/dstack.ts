import { expectSameShapes } from "./stacking.js";
import type { Variable, VariableLike } from "../../variable.js";
import { concatAs } from "./concat.js";
import { reshape } from "./reshape.js";

/**
 * Joins arrays along their third axis; arrays with fewer axes are seen as `(1, n, 1)`, or `(m, n, 1)`.
 *
 * Follows Chainer's `dstack`.
 *
 * @param xs - One array or more, of one dtype, whose shapes agree on the other axes.
 * @throws InvalidType if shapes or dtypes do not fit, or the list is empty.
 */
export function dstack(xs: readonly VariableLike[]): Variable {
  expectSameShapes("dstack", xs, 2);
  return concatAs("dstack", xs.map(threeAxes), 2);
}

function threeAxes(x: VariableLike): VariableLike {
  const { shape } = x;
  if (shape.length > 2) return x;
  return reshape(x, shape.length === 2 ? [...shape, 1] : [1, ...(shape.length === 0 ? [1] : shape), 1]);
}
