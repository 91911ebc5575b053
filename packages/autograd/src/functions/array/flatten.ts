import type { Variable, VariableLike } from "../../variable.js";
import { reshape } from "./reshape.js";

/**
 * All elements in C order, along one axis.
 *
 * Follows Chainer's `flatten`.
 */
export function flatten(x: VariableLike): Variable {
  return reshape(x, [x.size]);
}
