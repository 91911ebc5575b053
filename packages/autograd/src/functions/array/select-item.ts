import { expectEqual, expectInteger, expectNdim } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { getItem } from "./get-item.js";

/**
 * Selects one element of each row: `y[i] = x[i, t[i]]`.
 *
 * Follows Chainer's `select_item`.
 *
 * @param x - Shape `(n, classes)`.
 * @param t - Shape `(n,)`, integer: which element. It has no gradient.
 * @returns Shape `(n,)`.
 * @throws InvalidType if shapes do not fit or `t` is not integer, IndexError if a position is out of range.
 */
export function selectItem(x: VariableLike, t: VariableLike): Variable {
  const [array, which] = [asArray(x), asArray(t)];
  expectNdim("selectItem", "x", array, 2);
  expectInteger("selectItem", "t", which);
  expectNdim("selectItem", "t", which, 1);
  const [rows = 0] = array.shape;
  expectEqual("selectItem", "x.shape[0]", rows, "t.shape[0]", which.size);
  return getItem(x, [Array.from({ length: rows }, (_, row) => row), which]);
}
