import { expectMinNdim } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { flipAs } from "./flip.js";

/**
 * Reverses the order along the first axis. Nothing is copied.
 *
 * Follows Chainer's `flipud`.
 *
 * @throws InvalidType if `a` is 0-d.
 */
export function flipud(a: VariableLike): Variable {
  expectMinNdim("flipud", "a", asArray(a), 1);
  return flipAs("flipud", a, 0);
}
