import { divide, mean, reshape, sum, ValueError, type NdArray } from "@chain/array";
import { add, div, elementwise, eq, mul, reduction, square, sub, where, type Expr } from "@chain/array/kernel";
import {
  expectEqual,
  expectFloating,
  expectMinNdim,
  expectNdim,
  expectSameDtype,
  expectSameShape,
} from "../../type-check.js";
import { asArray, constant, Variable, type VariableLike } from "../../variable.js";
import { isLeftOut } from "../left-out.js";

const squaredErrors = reduction("r2Score-errors", {
  map: (a: Expr, b: Expr, weight: Expr) => mul(weight, square(sub(a, b))),
  combine: add,
  identity: 0,
});

const weightedSum = reduction("r2Score-sum", {
  map: (x: Expr, weight: Expr) => mul(weight, x),
  combine: add,
  identity: 0,
});

const scores = elementwise("r2Score", (residual, total) =>
  where(eq(total, 0), 0, sub(1, div(residual, where(eq(total, 0), 1, total)))),
);

/** Options of {@link r2Score}. */
export interface R2ScoreOptions {
  /** Weights of the samples, `(batch,)`; may also stand in its place as an argument. */
  readonly sampleWeight?: VariableLike | null;
  /** "uniform_average" (the default) of the scores of all columns, or "raw_values". */
  readonly multioutput?: "uniform_average" | "raw_values";
}

/**
 * R² (coefficient of determination) of a regression: 1 less the squared errors divided by the squared deviations of the
 * true values from their mean; 0 where all true values are equal. It has no gradient.
 *
 * Follows Chainer's `r2_score`, which has no weights.
 *
 * @param pred - Predictions, shape `(batch, …)`, floating.
 * @param truth - True values, shape and dtype of `pred`.
 * @param sampleWeight - Shape `(batch,)`, or null.
 * @returns 0-d of the dtype of `pred`; with `multioutput: "raw_values"`, the shape of `pred` without its first axis.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError for an unknown `multioutput`.
 */
export function r2Score(
  pred: VariableLike,
  truth: VariableLike,
  sampleWeight?: VariableLike | null,
  options?: R2ScoreOptions,
): Variable;
export function r2Score(pred: VariableLike, truth: VariableLike, options: R2ScoreOptions): Variable;
export function r2Score(
  pred: VariableLike,
  truth: VariableLike,
  sampleWeight: VariableLike | R2ScoreOptions | null = null,
  { multioutput = "uniform_average", sampleWeight: weightOption = null }: R2ScoreOptions = {},
): Variable {
  if (isLeftOut(sampleWeight)) return r2Score(pred, truth, null, sampleWeight);
  if (multioutput !== "uniform_average" && multioutput !== "raw_values") {
    throw new ValueError(`r2Score: multioutput is "uniform_average" or "raw_values", got "${multioutput as string}"`);
  }
  const [predicted, actual] = [asArray(pred), asArray(truth)];
  expectFloating("r2Score", "pred", predicted);
  expectSameDtype("r2Score", "pred", predicted, "truth", actual);
  expectSameShape("r2Score", "pred", predicted, "truth", actual);
  expectMinNdim("r2Score", "pred", predicted, 1);
  const given = sampleWeight ?? weightOption;
  const weights = given === null ? null : weightsOf(asArray(given), predicted);
  const along = { axis: 0 };
  const average =
    weights === null
      ? mean(actual, { axis: 0 })
      : divide(weightedSum(actual, weights, along), sum(weights, { axis: 0 }));
  const residual = squaredErrors(actual, predicted, weights ?? 1, along);
  const total = squaredErrors(actual, average, weights ?? 1, along);
  const result = scores(residual, total);
  return new Variable(multioutput === "raw_values" ? result : mean(result), constant);
}

function weightsOf(weights: NdArray, x: NdArray): NdArray {
  expectSameDtype("r2Score", "pred", x, "sampleWeight", weights);
  expectNdim("r2Score", "sampleWeight", weights, 1);
  expectEqual("r2Score", "sampleWeight.shape[0]", weights.size, "pred.shape[0]", x.shape[0] as number);
  return reshape(weights, [weights.size, ...x.shape.slice(1).map(() => 1)]);
}
