import { eye, subtract } from "@chain/array";
import { expectFloating, expectNdim } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { mul } from "../math/basic-math.js";
import { centered, covarianceOf, reduceCovariance, type CovarianceReduction } from "./covariance.js";
import { checkReduce } from "./reduce.js";

/** Options of {@link decov}. */
export interface DecovOptions {
  /** "half_squared_sum" (the default) gives one number, "no" the covariances with zeros on the diagonal. */
  readonly reduce?: CovarianceReduction;
}

/**
 * Half the sum of the squared covariances between different columns of a matrix.
 *
 * Follows Chainer's `decov`; Cogswell et al., "Reducing Overfitting in Deep Networks by Decorrelating Representations",
 * 2016.
 *
 * @param h - Shape `(batch, n)`, floating.
 * @returns 0-d of the dtype of `h`; with `reduce: "no"`, shape `(n, n)`.
 * @throws InvalidType if `h` is not floating or has not two axes, ValueError for an unknown `reduce`.
 */
export function decov(h: VariableLike, { reduce = "half_squared_sum" }: DecovOptions = {}): Variable {
  checkReduce("decov", reduce, ["half_squared_sum", "no"]);
  const array = asArray(h);
  expectFloating("decov", "h", array);
  expectNdim("decov", "h", array, 2);
  const { dtype, device } = array;
  const rows = centered(h);
  const offDiagonal = subtract(1, eye(array.shape[1] as number, { dtype, device }));
  return reduceCovariance(mul(covarianceOf(rows, rows), offDiagonal), reduce);
}
