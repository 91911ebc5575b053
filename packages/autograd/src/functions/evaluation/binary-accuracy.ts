import { astype } from "@chain/array";
import { add, cast, div, eq, ge, logicalAnd, max, ne, reduction, type Expr } from "@chain/array/kernel";
import { expectFloating, expectInteger, expectSameShape } from "../../type-check.js";
import { asArray, constant, Variable, type VariableLike } from "../../variable.js";
import { asLabels } from "../loss/labels.js";

const share = reduction("binaryAccuracy", {
  map: (y: Expr, t: Expr) => {
    const counts = ne(t, -1);
    return [cast(logicalAnd(eq(cast(ge(y, 0), "int32"), t), counts), "int32"), cast(counts, "int32")];
  },
  combine: ([hits, count], [moreHits, more]) => [add(hits as Expr, moreHits as Expr), add(count as Expr, more as Expr)],
  identity: [0, 0],
  finish: ([hits, count]) => div(hits as Expr, max(count as Expr, 1)),
});

/**
 * The share of elements whose score has the sign of their label: from 0 up for 1, below for 0. Elements with the label -1
 * do not count. It has no gradient.
 *
 * Follows Chainer's `binary_accuracy`.
 *
 * @param y - Scores, any shape, floating.
 * @param t - Labels 0, 1 or -1, shape of `y`, integer.
 * @returns 0-d of the dtype of `y`; 0 if all labels are ignored.
 * @throws InvalidType if shapes or dtypes do not fit.
 */
export function binaryAccuracy(y: VariableLike, t: VariableLike): Variable {
  const [scores, labels] = [asArray(y), asArray(t)];
  expectFloating("binaryAccuracy", "y", scores);
  expectInteger("binaryAccuracy", "t", labels);
  expectSameShape("binaryAccuracy", "y", scores, "t", labels);
  return new Variable(astype(share(scores, asLabels(labels)), scores.dtype, { copy: false }), constant);
}
