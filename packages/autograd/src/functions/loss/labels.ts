import { astype, ValueError, type NdArray } from "@chain/array";
import {
  add,
  cast,
  eq,
  ge,
  logicalAnd,
  logicalNot,
  logicalOr,
  lt,
  ne,
  reduction,
  type Expr,
} from "@chain/array/kernel";

/** Integer labels as int32, so that a label of -1 means the same in every dtype. */
export function asLabels(t: NdArray): NdArray {
  return astype(t, "int32", { copy: false });
}

/** The number of labels that are not the ignored one, 0-d int32. */
export const countLabels = reduction("count_labels", {
  map: (t: Expr, ignoreLabel: Expr) => cast(ne(t, ignoreLabel), "int32"),
  combine: add,
  identity: 0,
});

const anyInvalid = reduction("any_invalid_label", {
  map: (t: Expr, classes: Expr, ignoreLabel: Expr) =>
    logicalNot(logicalOr(eq(t, ignoreLabel), logicalAnd(ge(t, 0), lt(t, classes)))),
  combine: logicalOr,
  identity: 0,
});

/**
 * In debug mode: throws `ValueError` unless labels are classes or the ignored one. On a device that cannot be read at
 * once the error comes as an unhandled rejection when the device has answered.
 */
export function checkLabels(label: string, t: NdArray, classes: number, ignoreLabel: number): void {
  const found = anyInvalid(t, classes, ignoreLabel);
  const check = (value: number): void => {
    if (value === 0) return;
    throw new ValueError(`${label}: every label t satisfies 0 <= t < ${classes} or t == ${ignoreLabel} (ignored)`);
  };
  if (found.storage.backend.readSync !== undefined) check(found.itemSync());
  else void found.item().then(check);
}
