import { add, exp, mul, square, sub } from "@chain/array/kernel";
import { expectSameShape } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { checkReduce, reduceLoss, type Reduction } from "./reduce.js";

const define = elementwiseFunction("gaussianKlDivergence", (mean, lnVar) =>
  mul(0.5, sub(sub(add(square(mean), exp(lnVar)), lnVar), 1)),
);

/** Options of {@link gaussianKlDivergence}. */
export interface GaussianKlDivergenceOptions {
  /** "sum" (the default) or "mean" over all elements, or "no". */
  readonly reduce?: Reduction;
}

/**
 * Kullback-Leibler divergence of normal distributions from the standard one.
 *
 * Follows Chainer's `gaussian_kl_divergence`.
 *
 * @param mean - Means, any shape, floating.
 * @param lnVar - Logarithms of the variances, shape and dtype of `mean`.
 * @returns 0-d of the dtype of `mean`; with `reduce: "no"`, the shape of `mean`.
 * @throws InvalidType if shapes or dtypes differ, or dtypes are not floating; ValueError for an unknown `reduce`.
 */
export function gaussianKlDivergence(
  mean: VariableLike,
  lnVar: VariableLike,
  { reduce = "sum" }: GaussianKlDivergenceOptions = {},
): Variable {
  checkReduce("gaussianKlDivergence", reduce, ["sum", "mean", "no"]);
  expectSameShape("gaussianKlDivergence", "mean", asArray(mean), "lnVar", asArray(lnVar));
  return reduceLoss(define(mean, lnVar), reduce);
}
