import { mul, sub } from "@chain/array/kernel";
import { expectSameShape } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { softplusExpr } from "../activation/softplus.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { checkReduce, reduceLoss, type Reduction } from "./reduce.js";

const define = elementwiseFunction("bernoulliNll", (x, y) => sub(softplusExpr(y), mul(x, y)));

/** Options of {@link bernoulliNll}. */
export interface BernoulliNllOptions {
  /** "sum" (the default) or "mean" over all elements, or "no". */
  readonly reduce?: Reduction;
}

/**
 * Negative log-likelihood of Bernoulli distributions, `-x log sigmoid(y) - (1 - x) log(1 - sigmoid(y))`.
 *
 * Follows Chainer's `bernoulli_nll`.
 *
 * @param x - Observations in [0, 1], any shape, floating.
 * @param y - Logits of the probability of 1, shape and dtype of `x`.
 * @returns 0-d of the dtype of `x`; with `reduce: "no"`, the shape of `x`.
 * @throws InvalidType if shapes or dtypes differ, or dtypes are not floating; ValueError for an unknown `reduce`.
 */
export function bernoulliNll(x: VariableLike, y: VariableLike, { reduce = "sum" }: BernoulliNllOptions = {}): Variable {
  checkReduce("bernoulliNll", reduce, ["sum", "mean", "no"]);
  expectSameShape("bernoulliNll", "x", asArray(x), "y", asArray(y));
  return reduceLoss(define(x, y), reduce);
}
