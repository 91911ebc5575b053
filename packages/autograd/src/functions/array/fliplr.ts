import { expectMinNdim } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { flipAs } from "./flip.js";

/**
 * Reverses the order along the second axis. Nothing is copied.
 *
 * Follows Chainer's `fliplr`.
 *
 * @throws InvalidType if `a` has fewer than two axes.
 */
export function fliplr(a: VariableLike): Variable {
  expectMinNdim("fliplr", "a", asArray(a), 2);
  return flipAs("fliplr", a, 1);
}
