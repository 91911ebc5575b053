import { astype, expandDims, reshape } from "@chain/array";
import { add, cast, div, eq, logicalAnd, max, ne, reduction, rowwise, where, type Expr } from "@chain/array/kernel";
import { formatShape, sameShape } from "../../shape.js";
import { expectFloating, expectInteger, expectThat } from "../../type-check.js";
import { asArray, constant, Variable, type VariableLike } from "../../variable.js";
import { asLabels } from "../loss/labels.js";

/** Whether the first of the largest scores is the label's. */
const isCorrect = rowwise("accuracy", (row, y, t) => {
  const largest = row.max(y);
  return eq(row.min(where(eq(y, largest), row.index, row.size)), row.value(t));
});

const share = reduction("accuracy-mean", {
  map: (correct: Expr) => cast(correct, "int32"),
  combine: add,
  identity: 0,
  finish: (total, count) => div(total, count),
});

const shareOfLabelled = reduction("accuracy-mean-ignore", {
  map: (correct: Expr, t: Expr, ignoreLabel: Expr) => {
    const counts = ne(t, ignoreLabel);
    return [cast(logicalAnd(correct, counts), "int32"), cast(counts, "int32")];
  },
  combine: ([hits, count], [moreHits, more]) => [add(hits as Expr, moreHits as Expr), add(count as Expr, more as Expr)],
  identity: [0, 0],
  finish: ([hits, count]) => div(hits as Expr, max(count as Expr, 1)),
});

/** Options of {@link accuracy}. */
export interface AccuracyOptions {
  /** The label of samples that do not count; none by default. */
  readonly ignoreLabel?: number | null;
}

/**
 * The share of samples whose highest score is that of their label. It has no gradient.
 *
 * Follows Chainer's `accuracy`.
 *
 * @param y - Scores, shape `(batch, classes, …)`, floating; more axes than `t` has must be of length 1.
 * @param t - Labels, shape `(batch, …)`, integer.
 * @returns 0-d of the dtype of `y`; 0 if all labels are ignored.
 * @throws InvalidType if shapes or dtypes do not fit.
 */
export function accuracy(y: VariableLike, t: VariableLike, { ignoreLabel = null }: AccuracyOptions = {}): Variable {
  const [scores, given] = [asArray(y), asArray(t)];
  expectFloating("accuracy", "y", scores);
  expectInteger("accuracy", "t", given);
  const [, classes = 1, ...rest] = scores.shape;
  const expected = [scores.shape[0] ?? 1, ...rest.slice(0, given.ndim - 1)];
  const fits =
    scores.ndim > given.ndim && sameShape(given.shape, expected) && rest.slice(given.ndim - 1).every((n) => n === 1);
  expectThat(
    "accuracy",
    scores.ndim > 1 && given.ndim > 0 && fits,
    "t.shape == y.shape without axis 1",
    () => `t of shape ${formatShape(given.shape)} for y of shape ${formatShape(scores.shape)}`,
  );
  const [batch = 0, ...places] = given.shape;
  const labels = expandDims(asLabels(given), 1);
  const correct = isCorrect(reshape(scores, [batch, classes, ...places]), labels, { axis: 1 });
  const result = ignoreLabel === null ? share(correct) : shareOfLabelled(correct, labels, ignoreLabel);
  return new Variable(astype(result, scores.dtype, { copy: false }), constant);
}
