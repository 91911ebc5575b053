import {
  arange,
  astype,
  divide,
  equal,
  expandDims as expandArray,
  eye,
  maximum,
  multiply,
  reshape as reshapeArray,
  subtract,
  sum as sumArrays,
  swapaxes as swapArrayAxes,
  ValueError,
  type NdArray,
} from "@chain/array";
import { abs, gt, max, square, sqrt, sub as minus, where } from "@chain/array/kernel";
import { expectEqual, expectFloating, expectInteger, expectNdim, expectThat } from "../../type-check.js";
import { formatShape, sameShape } from "../../shape.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { expandDims } from "../array/expand-dims.js";
import { reshape } from "../array/reshape.js";
import { swapaxes } from "../array/swapaxes.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { mul, sub } from "../math/basic-math.js";
import { matmul } from "../math/matmul.js";
import { sum } from "../math/sum.js";

const label = "discriminativeMarginBasedClusteringLoss";

const absolutes = elementwiseFunction(label, (x) => abs(x));
const squares = elementwiseFunction(label, (x) => square(x));
/** The square root, with slope 0 at 0. */
const root = elementwiseFunction(label, (x) => where(gt(x, 0), sqrt(where(gt(x, 0), x, 1)), 0));
/** max(a - b, 0)². */
const squaredExcess = elementwiseFunction(label, (a, b) => square(max(minus(a, b), 0)));

/** Options of {@link discriminativeMarginBasedClusteringLoss}. */
export interface DiscriminativeMarginBasedClusteringLossOptions {
  /** Which norm measures distances: 1 (the default) or 2. */
  readonly norm?: 1 | 2;
  /** Factor of the variance term, 1 by default. */
  readonly alpha?: number;
  /** Factor of the distance term, 1 by default. */
  readonly beta?: number;
  /** Factor of the regularization, 0.001 by default. */
  readonly gamma?: number;
}

/**
 * Discriminative loss for instance segmentation: pulls the embeddings of an instance's pixels together, and the means of
 * different instances apart. Pixels with the label 0 belong to no instance.
 *
 * Terms are averaged over the instances of an image (pairs of them, for the distances), then over the images.
 *
 * Follows Chainer's `discriminative_margin_based_clustering_loss`; De Brabandere et al., "Semantic Instance Segmentation
 * with a Discriminative Loss Function", 2017.
 *
 * @param embeddings - Shape `(batch, maxEmbeddingDim, height, width)`, floating.
 * @param labels - Shape `(batch, height, width)`, integer, 0 to `maxEmbeddingDim`.
 * @param deltaV - How far a pixel may lie from the mean of its instance.
 * @param deltaD - Half of how far means should lie apart.
 * @param maxEmbeddingDim - The largest number of instances in an image, and the size of the embeddings.
 * @returns Three numbers: variance, distance and regularization, each times its factor.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError for an unknown `norm`.
 */
export function discriminativeMarginBasedClusteringLoss(
  embeddings: VariableLike,
  labels: VariableLike,
  deltaV: number,
  deltaD: number,
  maxEmbeddingDim: number,
  { norm = 1, alpha = 1, beta = 1, gamma = 0.001 }: DiscriminativeMarginBasedClusteringLossOptions = {},
): [variance: Variable, distance: Variable, regularization: Variable] {
  if (norm !== 1 && norm !== 2) throw new ValueError(`${label}: norm is 1 or 2, got ${String(norm)}`);
  const [array, given] = [asArray(embeddings), asArray(labels)];
  expectFloating(label, "embeddings", array);
  expectNdim(label, "embeddings", array, 4);
  expectInteger(label, "labels", given);
  const [batch, size, height, width] = array.shape as readonly [number, number, number, number];
  expectEqual(label, "embeddings.shape[1]", size, "maxEmbeddingDim", maxEmbeddingDim);
  const expected = [batch, height, width];
  expectThat(
    label,
    sameShape(given.shape, expected),
    `labels.shape == ${formatShape(expected)}`,
    formatShape(given.shape),
  );

  const { members, counts, present, instances } = instancesOf(given, maxEmbeddingDim, array);
  const pixels = swapaxes(reshape(embeddings, [batch, size, height * width]), 1, 2);
  const lengthOf = (x: Variable): Variable => {
    const last = { axis: x.ndim - 1 };
    return norm === 1 ? sum(absolutes(x), last) : root(sum(squares(x), last));
  };
  // What one instance, or one pair of them, counts for.
  const share = divide(present, maximum(multiply(instances, batch), 1));
  const pairShare = pairShares(present, instances, batch);

  // Shape (batch, instances, size).
  const means = mul(matmul(members, pixels), expandArray(divide(1, maximum(counts, 1)), 2));
  const ownMeans = matmul(swapArrayAxes(members, 1, 2), means);
  const spread = squaredExcess(lengthOf(sub(pixels, ownMeans)), deltaV);
  const pixelShare = sumArrays(multiply(members, expandArray(divide(share, maximum(counts, 1)), 2)), { axis: 1 });
  const gaps = lengthOf(sub(expandDims(means, 2), expandDims(means, 1)));
  const tooClose = squaredExcess(2 * deltaD, gaps);
  return [
    mul(sum(mul(spread, pixelShare)), alpha),
    mul(sum(mul(tooClose, pairShare)), beta),
    mul(sum(mul(lengthOf(means), share)), gamma),
  ];
}

interface Instances {
  /** 1 where a pixel belongs to an instance, shape (batch, instances, pixels). */
  readonly members: NdArray;
  /** Pixels of each instance, and whether there are any: (batch, instances). */
  readonly counts: NdArray;
  readonly present: NdArray;
  /** Instances of each image: (batch, 1). */
  readonly instances: NdArray;
}

function instancesOf(labels: NdArray, most: number, { dtype, device }: NdArray): Instances {
  const [batch = 0] = labels.shape;
  const flat = reshapeArray(labels, [batch, 1, labels.size / Math.max(batch, 1)]);
  const numbers = reshapeArray(arange(1, most + 1, { device }), [most, 1]);
  const members = astype(equal(astype(flat, "int32"), numbers), dtype);
  const counts = sumArrays(members, { axis: 2 });
  const present = astype(counts.astype("bool"), dtype);
  return { members, counts, present, instances: sumArrays(present, { axis: 1, keepdims: true }) };
}

/** What each pair of different instances of an image counts for: (batch, instances, instances). */
function pairShares(present: NdArray, instances: NdArray, batch: number): NdArray {
  const { dtype, device } = present;
  const different = subtract(1, eye(present.shape[1] as number, { dtype, device }));
  const pairs = multiply(multiply(expandArray(present, 2), expandArray(present, 1)), different);
  const count = multiply(multiply(instances, subtract(instances, 1)), batch);
  return divide(pairs, expandArray(maximum(count, 1), 2));
}
