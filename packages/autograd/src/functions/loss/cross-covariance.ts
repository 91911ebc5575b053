import { expectEqual, expectFloating, expectNdim, expectSameDtype } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { centered, covarianceOf, reduceCovariance, type CovarianceReduction } from "./covariance.js";
import { checkReduce } from "./reduce.js";

/** Options of {@link crossCovariance}. */
export interface CrossCovarianceOptions {
  /** "half_squared_sum" (the default) gives one number, "no" the covariances. */
  readonly reduce?: CovarianceReduction;
}

/**
 * Half the sum of the squared covariances between the columns of two matrices.
 *
 * Follows Chainer's `cross_covariance`; Cheung et al., "Discovering Hidden Factors of Variation in Deep Networks", 2014.
 *
 * @param y - Shape `(batch, m)`, floating.
 * @param z - Shape `(batch, n)`, dtype of `y`.
 * @returns 0-d of the dtype of `y`; with `reduce: "no"`, shape `(m, n)`.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError for an unknown `reduce`.
 */
export function crossCovariance(
  y: VariableLike,
  z: VariableLike,
  { reduce = "half_squared_sum" }: CrossCovarianceOptions = {},
): Variable {
  checkReduce("crossCovariance", reduce, ["half_squared_sum", "no"]);
  const [left, right] = [asArray(y), asArray(z)];
  expectFloating("crossCovariance", "y", left);
  expectSameDtype("crossCovariance", "y", left, "z", right);
  expectNdim("crossCovariance", "y", left, 2);
  expectNdim("crossCovariance", "z", right, 2);
  expectEqual("crossCovariance", "y.shape[0]", left.shape[0] as number, "z.shape[0]", right.shape[0] as number);
  return reduceCovariance(covarianceOf(centered(y), centered(z)), reduce);
}
