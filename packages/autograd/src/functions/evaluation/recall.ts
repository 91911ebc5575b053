import type { Variable, VariableLike } from "../../variable.js";
import { summarize, type ClassOptions } from "./classification-summary.js";

/**
 * Recall of each class: the share of its samples that were predicted as such (NaN if there are none); and its support,
 * the number of samples.
 *
 * Follows Chainer's `recall`. See `classificationSummary` for arguments and errors.
 *
 * @returns Two arrays of shape `(labelNum,)`, float32 and int32.
 */
export function recall(
  y: VariableLike,
  t: VariableLike,
  { labelNum = null, ignoreLabel = -1 }: ClassOptions = {},
): [recall: Variable, support: Variable] {
  const [, result, , support] = summarize("recall", y, t, labelNum, 1, ignoreLabel);
  return [result, support];
}
