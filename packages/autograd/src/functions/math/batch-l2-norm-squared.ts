import { expectMinNdim } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { reshape } from "../array/reshape.js";
import { square } from "./basic-math.js";
import { sum } from "./sum.js";

/**
 * Sum of squares of every element of a batch: shape `(N, …)` becomes `(N,)` (Chainer's `batch_l2_norm_squared`).
 *
 * @throws InvalidType for an array without axes.
 */
export function batchL2NormSquared(x: VariableLike): Variable {
  expectMinNdim("batchL2NormSquared", "x", asArray(x), 1);
  const count = x.shape[0] as number;
  return sum(square(reshape(x, [count, count === 0 ? 0 : x.size / count])), { axis: 1 });
}
