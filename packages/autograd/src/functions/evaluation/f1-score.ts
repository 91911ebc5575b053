import type { Variable, VariableLike } from "../../variable.js";
import { summarize, type ClassOptions } from "./classification-summary.js";

/**
 * F1-score of each class, the harmonic mean of precision and recall (NaN where one of them is); and its support, the
 * number of samples.
 *
 * Follows Chainer's `f1_score`. See `classificationSummary` for arguments and errors.
 *
 * @returns Two arrays of shape `(labelNum,)`, float32 and int32.
 */
export function f1Score(
  y: VariableLike,
  t: VariableLike,
  { labelNum = null, ignoreLabel = -1 }: ClassOptions = {},
): [f1Score: Variable, support: Variable] {
  const [, , result, support] = summarize("f1Score", y, t, labelNum, 1, ignoreLabel);
  return [result, support];
}
