import { expandDims, ValueError } from "@chain/array";
import { add, castLike, eq, gt, max, mul, rowwise, square, where } from "@chain/array/kernel";
import { expectEqual, expectFloating, expectInteger, expectNdim } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { mul as product } from "../math/basic-math.js";
import { sum } from "../math/sum.js";
import { asLabels } from "./labels.js";
import { checkReduce } from "./reduce.js";

/** -1 for the labelled class, 1 for the others. */
const signsOf = rowwise("hinge-signs", (row, x, t) => castLike(where(eq(row.index, t), -1, 1), x));

const linear = elementwiseFunction("hinge", (x, sign) => max(add(1, mul(x, sign)), 0), {
  gradient: ({ xs: [, sign = 0], y, gy }) => [where(gt(y, 0), mul(gy, sign), 0), null],
});
const squared = elementwiseFunction("hinge", (x, sign) => square(max(add(1, mul(x, sign)), 0)));

/** Options of {@link hinge}. */
export interface HingeOptions {
  /** "L1" (the default) for the margin's violation, "L2" for its square. */
  readonly norm?: "L1" | "L2";
  /** "mean" (the default) sums over the classes and averages over the batch, "no" gives the loss of each element. */
  readonly reduce?: "mean" | "no";
}

/**
 * Hinge loss, one against all: `max(0, 1 - x)` for the labelled class and `max(0, 1 + x)` for the others.
 *
 * Follows Chainer's `hinge`.
 *
 * @param x - Scores, shape `(batch, classes)`, floating.
 * @param t - Labels, shape `(batch,)`, integer.
 * @returns 0-d of the dtype of `x`; with `reduce: "no"`, the shape of `x`.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError for an unknown `norm` or `reduce`.
 */
export function hinge(x: VariableLike, t: VariableLike, { norm = "L1", reduce = "mean" }: HingeOptions = {}): Variable {
  checkReduce("hinge", reduce, ["mean", "no"]);
  if (norm !== "L1" && norm !== "L2") throw new ValueError(`hinge: norm is "L1" or "L2", got "${String(norm)}"`);
  const [scores, labels] = [asArray(x), asArray(t)];
  expectFloating("hinge", "x", scores);
  expectInteger("hinge", "t", labels);
  expectNdim("hinge", "x", scores, 2);
  expectNdim("hinge", "t", labels, 1);
  expectEqual("hinge", "x.shape[0]", scores.shape[0] as number, "t.shape[0]", labels.size);
  const signs = signsOf(scores, expandDims(asLabels(labels), 1));
  const loss = (norm === "L1" ? linear : squared)(x, signs);
  return reduce === "no" ? loss : product(sum(loss), 1 / Math.max(labels.size, 1));
}
