import { abs, le, max, min, mul, neg, sub, where } from "@chain/array/kernel";
import { expectMinNdim, expectSameShape } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { sum } from "../math/sum.js";
import { checkReduce } from "./reduce.js";

const define = elementwiseFunction(
  "huberLoss",
  (x, t, delta) => {
    const distance = abs(sub(x, t));
    return where(le(distance, delta), mul(0.5, mul(distance, distance)), mul(delta, sub(distance, mul(0.5, delta))));
  },
  {
    gradient: ({ xs: [x = 0, t = 0, delta = 0], gy }) => {
      const slope = mul(gy, max(min(sub(x, t), delta), neg(delta)));
      return [slope, neg(slope)];
    },
  },
);

/** Options of {@link huberLoss}. */
export interface HuberLossOptions {
  /** "sum_along_second_axis" (the default) or "no". */
  readonly reduce?: "sum_along_second_axis" | "no";
}

/**
 * Huber loss: half the squared difference up to the distance `delta`, and linear beyond.
 *
 * Follows Chainer's `huber_loss`; Girshick, "Fast R-CNN", 2015.
 *
 * @param x - Shape `(batch, …)`, floating.
 * @param t - Shape and dtype of `x`.
 * @returns One value for each row: the shape of `x` without its second axis. With `reduce: "no"`, the shape of `x`.
 * @throws InvalidType if shapes or dtypes differ, or dtypes are not floating; ValueError for an unknown `reduce`.
 */
export function huberLoss(
  x: VariableLike,
  t: VariableLike,
  delta: number,
  { reduce = "sum_along_second_axis" }: HuberLossOptions = {},
): Variable {
  checkReduce("huberLoss", reduce, ["sum_along_second_axis", "no"]);
  expectSameShape("huberLoss", "x", asArray(x), "t", asArray(t));
  if (reduce === "no") return define(x, t, delta);
  expectMinNdim("huberLoss", "x", asArray(x), 2);
  return sum(define(x, t, delta), { axis: 1 });
}
