import { array, astype, expandDims as expandArray, notEqual, setItem, slice, copy, type NdArray } from "@chain/array";
import { mul as times } from "@chain/array/kernel";
import {
  expectEqual,
  expectFloating,
  expectInteger,
  expectNdim,
  expectSameDtype,
  expectThat,
} from "../../type-check.js";
import { formatShape, sameShape } from "../../shape.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { softplusExpr } from "../activation/softplus.js";
import { reshape } from "../array/reshape.js";
import { embedId } from "../connection/embed-id.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { matmul } from "../math/matmul.js";
import { sum } from "../math/sum.js";
import { asLabels } from "./labels.js";
import { checkReduce } from "./reduce.js";

const ignoreLabel = -1;

/** Draws class numbers of a shape, integer; for example by how often classes occur. */
export type Sampler = (shape: readonly number[]) => NdArray;

/** `log(1 + e^(sign · score))` where the sample counts. */
const terms = elementwiseFunction("negativeSampling", (score, sign, counts) =>
  times(counts, softplusExpr(times(sign, score))),
);

/** Options of {@link negativeSampling}. */
export interface NegativeSamplingOptions {
  /** "sum" (the default) gives one number, "no" the loss of each sample. */
  readonly reduce?: "sum" | "no";
  /** Whether to return the classes that were used too. */
  readonly returnSamples?: boolean;
}

/** What {@link negativeSampling} returns with `returnSamples`. */
export type LossWithSamples = [loss: Variable, samples: NdArray];

/**
 * Negative sampling loss of word2vec: `-log sigmoid(x · W[t]) - Σ log sigmoid(-x · W[sample])`. Samples with the label
 * -1 do not count.
 *
 * Follows Chainer's `negative_sampling`; Mikolov et al., "Distributed Representations of Words and Phrases and their
 * Compositionality", 2013.
 *
 * @param x - Shape `(batch, size)`, floating.
 * @param t - Shape `(batch,)`, integer: the right classes.
 * @param W - Shape `(classes, size)`, dtype of `x`.
 * @param sampler - Called with the shape `(batch, sampleSize + 1)`; what it gives for column 0 is replaced by `t`.
 * @param sampleSize - Number of wrong classes for each sample.
 * @returns 0-d of the dtype of `x`, or with `reduce: "no"` shape `(batch,)`; with `returnSamples`, the classes as well.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError for an unknown `reduce`.
 */
export function negativeSampling(
  x: VariableLike,
  t: VariableLike,
  W: VariableLike,
  sampler: Sampler,
  sampleSize: number,
  options: NegativeSamplingOptions & { readonly returnSamples: true },
): LossWithSamples;
export function negativeSampling(
  x: VariableLike,
  t: VariableLike,
  W: VariableLike,
  sampler: Sampler,
  sampleSize: number,
  options?: NegativeSamplingOptions & { readonly returnSamples?: false },
): Variable;
export function negativeSampling(
  x: VariableLike,
  t: VariableLike,
  W: VariableLike,
  sampler: Sampler,
  sampleSize: number,
  { reduce = "sum", returnSamples = false }: NegativeSamplingOptions = {},
): Variable | LossWithSamples {
  const label = "negativeSampling";
  checkReduce(label, reduce, ["sum", "no"]);
  const [vectors, right, weight] = [asArray(x), asArray(t), asArray(W)];
  expectFloating(label, "x", vectors);
  expectSameDtype(label, "x", vectors, "W", weight);
  expectInteger(label, "t", right);
  expectNdim(label, "x", vectors, 2);
  expectNdim(label, "t", right, 1);
  expectNdim(label, "W", weight, 2);
  const [batch, size] = vectors.shape as readonly [number, number];
  expectEqual(label, "x.shape[0]", batch, "t.shape[0]", right.size);
  expectEqual(label, "x.shape[1]", size, "W.shape[1]", weight.shape[1] as number);

  const { dtype, device } = vectors;
  const labels = asLabels(right);
  const samples = samplesFrom(sampler, labels, sampleSize);
  const signs = array([-1, ...new Array<number>(sampleSize).fill(1)], { dtype, device });
  const counts = expandArray(astype(notEqual(labels, ignoreLabel), dtype), 1);
  const embedded = embedId(samples, W, { ignoreLabel });
  const scores = reshape(matmul(embedded, reshape(x, [batch, size, 1])), [batch, sampleSize + 1]);
  const losses = terms(scores, signs, counts);
  const loss = sum(losses, { axis: reduce === "no" ? 1 : null });
  return returnSamples ? [loss, samples] : loss;
}

/** Sampled classes, with the right ones in column 0. */
function samplesFrom(sampler: Sampler, labels: NdArray, sampleSize: number): NdArray {
  const shape = [labels.size, sampleSize + 1];
  const drawn = sampler(shape);
  expectInteger("negativeSampling", "samples", drawn);
  expectThat(
    "negativeSampling",
    sameShape(drawn.shape, shape),
    `samples of shape ${formatShape(shape)} from the sampler`,
    formatShape(drawn.shape),
  );
  const samples = copy(asLabels(drawn));
  return setItem(samples, [slice(), 0], labels);
}
