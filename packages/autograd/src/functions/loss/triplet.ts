import { ValueError } from "@chain/array";
import { add, gt, max, square, sub, where } from "@chain/array/kernel";
import { expectFloating, expectMinNdim, expectSameDtype, expectSameShape } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { sum } from "../math/sum.js";
import { checkReduce, reduceLoss } from "./reduce.js";

const terms = elementwiseFunction("triplet", (anchor, positive, negative) =>
  sub(square(sub(anchor, positive)), square(sub(anchor, negative))),
);

const violations = elementwiseFunction("triplet", (distance, margin) => max(add(distance, margin), 0), {
  gradient: ({ y, gy }) => where(gt(y, 0), gy, 0),
});

/** Options of {@link triplet}. */
export interface TripletOptions {
  /** By how much the negative sample should be farther away (in squared distance), above 0; 0.2 by default. */
  readonly margin?: number;
  /** "mean" (the default) gives one number, "no" the loss of each triplet. */
  readonly reduce?: "mean" | "no";
}

/**
 * Triplet loss: `max(0, |anchor - positive|² - |anchor - negative|² + margin)`.
 *
 * Follows Chainer's `triplet`; Schroff et al., "FaceNet", 2015.
 *
 * @param anchor - Shape `(batch, size)`, floating.
 * @param positive - Samples of the anchor's class, shape and dtype of `anchor`.
 * @param negative - Samples of other classes, shape and dtype of `anchor`.
 * @returns 0-d of the dtype of `anchor`; with `reduce: "no"`, shape `(batch,)`.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError for a bad `margin` or `reduce`.
 */
export function triplet(
  anchor: VariableLike,
  positive: VariableLike,
  negative: VariableLike,
  { margin = 0.2, reduce = "mean" }: TripletOptions = {},
): Variable {
  checkReduce("triplet", reduce, ["mean", "no"]);
  if (!(margin > 0)) throw new ValueError(`triplet: margin must be above 0, got ${margin}`);
  const own = asArray(anchor);
  expectFloating("triplet", "anchor", own);
  expectMinNdim("triplet", "anchor", own, 2);
  for (const [name, x] of Object.entries({ positive, negative })) {
    expectSameDtype("triplet", "anchor", own, name, asArray(x));
    expectSameShape("triplet", "anchor", own, name, asArray(x));
  }
  return reduceLoss(violations(sum(terms(anchor, positive, negative), { axis: 1 }), margin), reduce);
}
