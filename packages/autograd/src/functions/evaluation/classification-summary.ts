import { arange, argmax, bincount, maximum, reshape, ValueError, type NdArray } from "@chain/array";
import { add, cast, div, elementwise, eq, logicalAnd, mul, ne, reduction, type Expr } from "@chain/array/kernel";
import { formatShape, sameShape } from "../../shape.js";
import { expectFloating, expectInteger, expectThat } from "../../type-check.js";
import { asArray, constant, Variable, type VariableLike } from "../../variable.js";
import { asLabels } from "../loss/labels.js";

/** For every class: how many samples that count have it in `which`. */
const countOf = reduction("classification-count", {
  map: (label: Expr, which: Expr, t: Expr, ignoreLabel: Expr) =>
    cast(logicalAnd(eq(which, label), ne(t, ignoreLabel)), "int32"),
  combine: add,
  identity: 0,
});

const countHits = reduction("classification-hits", {
  map: (label: Expr, predicted: Expr, t: Expr, ignoreLabel: Expr) =>
    cast(logicalAnd(logicalAnd(eq(predicted, label), eq(t, label)), ne(t, ignoreLabel)), "int32"),
  combine: add,
  identity: 0,
});

const ratios = elementwise("classification-ratios", { scalars: ["beta"] }, (hits, relevant, support, { beta }) => {
  const precision = div(hits, relevant);
  const recall = div(hits, support);
  const square = mul(beta, beta);
  const fbeta = div(mul(mul(add(1, square), precision), recall), add(mul(square, precision), recall));
  return [precision, recall, fbeta];
});

/** Options of `precision`, `recall` and `f1Score`. */
export interface ClassOptions {
  /** Number of classes. By default the largest label that occurs and 1; finding that has to read the labels at once. */
  readonly labelNum?: number | null;
  /** The label of samples that do not count, -1 by default. */
  readonly ignoreLabel?: number;
}

/** Options of {@link classificationSummary}. */
export interface ClassificationSummaryOptions extends ClassOptions {
  /** Weight of recall against precision in the F-score, 1 by default. */
  readonly beta?: number;
}

/**
 * Precision, recall, F-score and support (the number of samples) of each class. They have no gradient.
 *
 * A class that is never predicted has precision NaN, one that does not occur has recall NaN, as 0 / 0.
 *
 * Follows Chainer's `classification_summary`.
 *
 * @param y - Scores, shape `(batch, classes, …)`, floating.
 * @param t - Labels, shape `(batch, …)`, integer.
 * @returns Four arrays of shape `(labelNum,)`: three float32 ones and an int32 one.
 * @throws InvalidType if shapes or dtypes do not fit; DeviceError without `labelNum` on a device that cannot be read at
 * once.
 */
export function classificationSummary(
  y: VariableLike,
  t: VariableLike,
  { labelNum = null, beta = 1, ignoreLabel = -1 }: ClassificationSummaryOptions = {},
): [precision: Variable, recall: Variable, fbeta: Variable, support: Variable] {
  return summarize("classificationSummary", y, t, labelNum, beta, ignoreLabel);
}

/** {@link classificationSummary} under the name of another function. */
export function summarize(
  label: string,
  y: VariableLike,
  t: VariableLike,
  labelNum: number | null,
  beta: number,
  ignoreLabel: number,
): [Variable, Variable, Variable, Variable] {
  const [scores, given] = [asArray(y), asArray(t)];
  expectFloating(label, "y", scores);
  expectInteger(label, "t", given);
  expectThat(
    label,
    scores.ndim > 1 && sameShape(given.shape, scores.shape.toSpliced(1, 1)),
    "t.shape == y.shape without axis 1",
    () => `t of shape ${formatShape(given.shape)} for y of shape ${formatShape(scores.shape)}`,
  );
  const labels = reshape(asLabels(given), [given.size]);
  const classes = labelNum ?? labelCount(labels);
  if (!Number.isInteger(classes) || classes < 0) {
    throw new ValueError(`${label}: labelNum is a whole number from 0 up, got ${classes}`);
  }
  const predicted = reshape(argmax(scores, { axis: 1 }), [given.size]);
  const column = reshape(arange(classes, { device: scores.device }), [classes, 1]);
  const along = { axis: 1 };
  const support = countOf(column, labels, labels, ignoreLabel, along);
  const relevant = countOf(column, predicted, labels, ignoreLabel, along);
  const hits = countHits(column, predicted, labels, ignoreLabel, along);
  const [precision, recall, fbeta] = ratios(hits, relevant, support, { beta });
  return [asConstant(precision), asConstant(recall), asConstant(fbeta), asConstant(support)];
}

function labelCount(labels: NdArray): number {
  return labels.size === 0 ? 0 : bincount(maximum(labels, 0)).size;
}

function asConstant(x: NdArray): Variable {
  return new Variable(x, constant);
}
