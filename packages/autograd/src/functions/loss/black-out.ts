import { exp, log1p, neg, sub as minus } from "@chain/array/kernel";
import { expectEqual, expectFloating, expectInteger, expectNdim, expectSameDtype } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { concat } from "../array/concat.js";
import { expandDims } from "../array/expand-dims.js";
import { reshape } from "../array/reshape.js";
import { embedId } from "../connection/embed-id.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { add, sub } from "../math/basic-math.js";
import { logsumexp } from "../math/logsumexp.js";
import { matmul } from "../math/matmul.js";
import { sum } from "../math/sum.js";
import { checkReduce, reduceLoss } from "./reduce.js";

/** log(1 - e^(score - logZ)). */
const logOfOthers = elementwiseFunction("blackOut", (score, logZ) => log1p(neg(exp(minus(score, logZ)))));

/** Options of {@link blackOut}. */
export interface BlackOutOptions {
  /** "mean" (the default) gives one number, "no" the loss of each sample. */
  readonly reduce?: "mean" | "no";
}

/**
 * BlackOut loss: softmax cross entropy over the right class and some sampled wrong ones, which it pushes down too.
 *
 * Follows Chainer's `black_out`; Ji et al., "BlackOut: Speeding up Recurrent Neural Network Language Models With Very
 * Large Vocabularies", 2015.
 *
 * @param x - Shape `(batch, size)`, floating.
 * @param t - Shape `(batch,)`, integer: the right classes.
 * @param W - Shape `(classes, size)`, dtype of `x`.
 * @param samples - Shape `(batch, samples)`, integer: the wrong classes.
 * @returns 0-d of the dtype of `x`; with `reduce: "no"`, shape `(batch,)`.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError for an unknown `reduce`.
 */
export function blackOut(
  x: VariableLike,
  t: VariableLike,
  W: VariableLike,
  samples: VariableLike,
  { reduce = "mean" }: BlackOutOptions = {},
): Variable {
  const label = "blackOut";
  checkReduce(label, reduce, ["mean", "no"]);
  const [array, right, weight, wrong] = [asArray(x), asArray(t), asArray(W), asArray(samples)];
  expectFloating(label, "x", array);
  expectSameDtype(label, "x", array, "W", weight);
  expectInteger(label, "t", right);
  expectInteger(label, "samples", wrong);
  expectNdim(label, "x", array, 2);
  expectNdim(label, "t", right, 1);
  expectNdim(label, "W", weight, 2);
  expectNdim(label, "samples", wrong, 2);
  const [batch, size] = array.shape as readonly [number, number];
  expectEqual(label, "x.shape[0]", batch, "t.shape[0]", right.size);
  expectEqual(label, "x.shape[0]", batch, "samples.shape[0]", wrong.shape[0] as number);
  expectEqual(label, "x.shape[1]", size, "W.shape[1]", weight.shape[1] as number);

  const column = reshape(x, [batch, size, 1]);
  const scoresOf = (ids: VariableLike, count: number): Variable =>
    reshape(matmul(embedId(ids, W), column), [batch, count]);
  const positive = scoresOf(expandDims(right, 1), 1);
  const negative = scoresOf(wrong, wrong.shape[1] as number);
  const logZ = logsumexp(concat([positive, negative]), { axis: 1 });
  const others = sum(logOfOthers(negative, expandDims(logZ, 1)), { axis: 1 });
  return reduceLoss(sub(logZ, add(reshape(positive, [batch]), others)), reduce);
}
