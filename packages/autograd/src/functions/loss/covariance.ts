import type { Variable, VariableLike } from "../../variable.js";
import { mul, square, sub } from "../math/basic-math.js";
import { matmul } from "../math/matmul.js";
import { sum } from "../math/sum.js";

/** How a matrix of covariances becomes a loss: half the sum of its squares, or not at all. */
export type CovarianceReduction = "half_squared_sum" | "no";

/** The rows of `x` less their mean. */
export function centered(x: VariableLike): Variable {
  return sub(x, mul(sum(x, { axis: 0, keepdims: true }), 1 / Math.max(x.shape[0] as number, 1)));
}

/** Covariances of the columns of two matrices with centered rows. */
export function covarianceOf(y: Variable, z: Variable): Variable {
  return mul(matmul(y, z, { transa: true }), 1 / Math.max(y.shape[0] as number, 1));
}

export function reduceCovariance(covariance: Variable, reduce: CovarianceReduction): Variable {
  return reduce === "no" ? covariance : mul(sum(square(covariance)), 0.5);
}
