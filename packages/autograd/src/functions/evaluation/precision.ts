import type { Variable, VariableLike } from "../../variable.js";
import { summarize, type ClassOptions } from "./classification-summary.js";

/**
 * Precision of each class: the share of correct predictions among those of the class (NaN if there are none); and its
 * support, the number of samples.
 *
 * Follows Chainer's `precision`. See `classificationSummary` for arguments and errors.
 *
 * @returns Two arrays of shape `(labelNum,)`, float32 and int32.
 */
export function precision(
  y: VariableLike,
  t: VariableLike,
  { labelNum = null, ignoreLabel = -1 }: ClassOptions = {},
): [precision: Variable, support: Variable] {
  const [result, , , support] = summarize("precision", y, t, labelNum, 1, ignoreLabel);
  return [result, support];
}
