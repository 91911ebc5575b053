import { add, exp, mul, neg, square, sub } from "@chain/array/kernel";
import { expectSameShape } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { checkReduce, reduceLoss, type Reduction } from "./reduce.js";

const define = elementwiseFunction("gaussianNll", (x, mean, lnVar) =>
  mul(0.5, add(add(lnVar, Math.log(2 * Math.PI)), mul(square(sub(x, mean)), exp(neg(lnVar))))),
);

/** Options of {@link gaussianNll}. */
export interface GaussianNllOptions {
  /** "sum" (the default) or "mean" over all elements, or "no". */
  readonly reduce?: Reduction;
}

/**
 * Negative log-likelihood of normal distributions.
 *
 * Follows Chainer's `gaussian_nll`.
 *
 * @param x - Observations, any shape, floating.
 * @param mean - Means, shape and dtype of `x`.
 * @param lnVar - Logarithms of the variances, shape and dtype of `x`.
 * @returns 0-d of the dtype of `x`; with `reduce: "no"`, the shape of `x`.
 * @throws InvalidType if shapes or dtypes differ, or dtypes are not floating; ValueError for an unknown `reduce`.
 */
export function gaussianNll(
  x: VariableLike,
  mean: VariableLike,
  lnVar: VariableLike,
  { reduce = "sum" }: GaussianNllOptions = {},
): Variable {
  checkReduce("gaussianNll", reduce, ["sum", "mean", "no"]);
  expectSameShape("gaussianNll", "x", asArray(x), "mean", asArray(mean));
  expectSameShape("gaussianNll", "x", asArray(x), "lnVar", asArray(lnVar));
  return reduceLoss(define(x, mean, lnVar), reduce);
}
