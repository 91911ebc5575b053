import { astype, ValueError } from "@chain/array";
import { add, gt, max, mul, sqrt, square, sub, where } from "@chain/array/kernel";
import {
  expectEqual,
  expectFloating,
  expectInteger,
  expectNdim,
  expectSameDtype,
  expectSameShape,
} from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { sum } from "../math/sum.js";
import { checkReduce, reduceLoss } from "./reduce.js";
import { squaredError } from "./squared-error.js";

const terms = elementwiseFunction("contrastive", (squaredDistance, similar, margin) => {
  // The distance has no derivative at 0; there it counts as constant.
  const apart = gt(squaredDistance, 0);
  const distance = where(apart, sqrt(where(apart, squaredDistance, 1)), 0);
  const violation = max(sub(margin, distance), 0);
  return mul(0.5, add(mul(similar, squaredDistance), mul(sub(1, similar), square(violation))));
});

/** Options of {@link contrastive}. */
export interface ContrastiveOptions {
  /** Distance that dissimilar samples should have, above 0; 1 by default. */
  readonly margin?: number;
  /** "mean" (the default) gives one number, "no" the loss of each pair. */
  readonly reduce?: "mean" | "no";
}

/**
 * Contrastive loss of pairs of samples: half the squared distance of similar ones, and half the squared violation of the
 * margin for dissimilar ones.
 *
 * Follows Chainer's `contrastive`; Hadsell et al., "Dimensionality Reduction by Learning an Invariant Mapping", 2006.
 *
 * @param x0 - Shape `(batch, size)`, floating.
 * @param x1 - Shape and dtype of `x0`.
 * @param y - Shape `(batch,)`, integer: 1 for similar pairs, 0 for others.
 * @returns 0-d of the dtype of `x0`; with `reduce: "no"`, shape `(batch,)`.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError for a bad `margin` or `reduce`.
 */
export function contrastive(
  x0: VariableLike,
  x1: VariableLike,
  y: VariableLike,
  { margin = 1, reduce = "mean" }: ContrastiveOptions = {},
): Variable {
  checkReduce("contrastive", reduce, ["mean", "no"]);
  if (!(margin > 0)) throw new ValueError(`contrastive: margin must be above 0, got ${margin}`);
  const [first, second, similar] = [asArray(x0), asArray(x1), asArray(y)];
  expectFloating("contrastive", "x0", first);
  expectSameDtype("contrastive", "x0", first, "x1", second);
  expectSameShape("contrastive", "x0", first, "x1", second);
  expectNdim("contrastive", "x0", first, 2);
  expectInteger("contrastive", "y", similar);
  expectNdim("contrastive", "y", similar, 1);
  expectEqual("contrastive", "x0.shape[0]", first.shape[0] as number, "y.shape[0]", similar.size);
  const squaredDistances = sum(squaredError(x0, x1), { axis: 1 });
  return reduceLoss(terms(squaredDistances, astype(similar, first.dtype), margin), reduce);
}
