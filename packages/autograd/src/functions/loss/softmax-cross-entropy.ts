import { expandDims, reshape as reshapeArray, ValueError, type NdArray } from "@chain/array";
import {
  add,
  castLike,
  div,
  elementwise,
  eq,
  exp,
  log,
  max,
  mul,
  ne,
  neg,
  reduction,
  rowwise,
  sub,
  where,
  type Expr,
  type Row,
} from "@chain/array/kernel";
import { config } from "../../config.js";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { formatShape, sameShape } from "../../shape.js";
import {
  expectEqual,
  expectFloating,
  expectInteger,
  expectMinNdim,
  expectNdim,
  expectSameShape,
  invalidType,
} from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { logSoftmax } from "../activation/log-softmax.js";
import { softmax, softmaxGrad } from "../activation/softmax.js";
import { sumTo } from "../array/broadcast-to.js";
import { expandDims as expandVariable } from "../array/expand-dims.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { isLeftOut } from "../left-out.js";
import { mul as product, sub as difference } from "../math/basic-math.js";
import { sum } from "../math/sum.js";
import { asLabels, checkLabels, countLabels } from "./labels.js";
import { checkReduce, reduceLoss } from "./reduce.js";

// One loss a row, and of each row what the gradient needs: its maximum, Σ e^(x - maximum), and the weight of its label.

function rowResults(row: Row, x: Expr, t: Expr, ignoreLabel: Expr, labelWeight: Expr): [Expr, Expr, Expr, Expr] {
  const largest = row.max(x);
  const shifted = sub(x, largest);
  const total = row.sum(exp(shifted));
  const weight = where(ne(row.value(t), ignoreLabel), labelWeight, castLike(0, labelWeight));
  const negativeLogLikelihood = sub(log(total), row.sum(where(eq(row.index, t), shifted, 0)));
  return [where(ne(row.value(t), ignoreLabel), mul(weight, negativeLogLikelihood), 0), largest, total, weight];
}

const rowLosses = rowwise("softmaxCrossEntropy", { scalars: ["ignoreLabel"] }, (row, x, t, { ignoreLabel }) =>
  rowResults(row, x, t, ignoreLabel, castLike(1, x)),
);

const weightedRowLosses = rowwise(
  "softmaxCrossEntropy-weighted",
  { scalars: ["ignoreLabel"] },
  (row, x, t, classWeight, { ignoreLabel }) =>
    rowResults(row, x, t, ignoreLabel, castLike(row.sum(where(eq(row.index, t), classWeight, 0)), x)),
);

const meanLoss = reduction("softmaxCrossEntropy-mean", {
  map: (loss: Expr, count: Expr) => div(loss, max(count, 1)),
  combine: add,
  identity: 0,
});

const coefficients = elementwise("softmaxCrossEntropy-coefficient", (weight, gy, count) =>
  div(mul(weight, gy), max(count, 1)),
);

const gradient = rowwise("softmaxCrossEntropy-grad", (row, x, t, largest, total, coefficient) =>
  mul(sub(div(exp(sub(x, largest)), total), where(eq(row.index, t), 1, 0)), coefficient),
);

const oneHot = rowwise("oneHot", (row, x, t) => castLike(where(eq(row.index, t), 1, 0), x));

interface Settings {
  readonly mean: boolean;
  readonly normalize: boolean;
  readonly classWeight: NdArray | null;
  readonly ignoreLabel: number;
}

/** What forward leaves for the gradient; arrays have length 1 along the classes. */
interface Kept {
  readonly labels: NdArray;
  readonly largest: NdArray;
  readonly total: NdArray;
  readonly weight: NdArray;
  /** What losses are divided by, if it is above 1. */
  readonly count: NdArray | number;
}

class SoftmaxCrossEntropy extends FunctionNode {
  private kept: Kept | null = null;

  constructor(private readonly settings: Settings) {
    super();
  }

  override get label(): string {
    return "softmaxCrossEntropy";
  }

  override checkTypeForward([x, t]: readonly [NdArray, NdArray]): void {
    const { label } = this;
    const { classWeight } = this.settings;
    expectFloating(label, "x", x);
    expectMinNdim(label, "x", x, 2);
    expectInteger(label, "t", t);
    expectNdim(label, "t", t, x.ndim - 1);
    if (!sameShape(t.shape, x.shape.toSpliced(1, 1))) {
      throw invalidType(
        label,
        `t.shape == x.shape without axis 1, ${formatShape(x.shape.toSpliced(1, 1))}`,
        formatShape(t.shape),
      );
    }
    if (classWeight === null) return;
    expectFloating(label, "classWeight", classWeight);
    expectNdim(label, "classWeight", classWeight, 1);
    expectEqual(label, "classWeight.shape[0]", classWeight.size, "x.shape[1]", x.shape[1] as number);
  }

  override forward([x, t]: readonly [NdArray, NdArray]): NdArray[] {
    const { mean, normalize, classWeight, ignoreLabel } = this.settings;
    const labels = expandDims(asLabels(t), 1);
    if (config.debug) checkLabels(this.label, labels, x.shape[1] as number, ignoreLabel);
    const along = { axis: 1, ignoreLabel };
    const [loss, largest, total, weight] =
      classWeight === null
        ? rowLosses(x, labels, along)
        : weightedRowLosses(x, labels, alongClasses(classWeight, x.ndim), along);
    const count = !mean ? 1 : normalize ? countLabels(labels, ignoreLabel) : (x.shape[0] as number);
    if (this.wantsGradient(0)) {
      this.retainInputs([0]);
      this.kept = { labels, largest, total, weight, count };
    }
    return [mean ? meanLoss(loss, count) : reshapeArray(loss, t.shape)];
  }

  override backward(indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const [x] = this.getRetainedInputs() as [Variable];
    const kept = this.kept as Kept;
    const gradients = this.settings.mean ? gy : expandVariable(gy, 1);
    const gx = new SoftmaxCrossEntropyGrad(kept).apply([x, gradients])[0] as Variable;
    return indexes.map((index) => (index === 0 ? gx : null));
  }

  override unchain(): void {
    super.unchain();
    this.kept = null;
  }
}

/** `(softmax(x) - onehot(t)) · weight · gy / count`, with `gy` 0-d or of length 1 along the classes. */
class SoftmaxCrossEntropyGrad extends FunctionNode {
  constructor(private readonly kept: Kept) {
    super();
  }

  override get label(): string {
    return "softmaxCrossEntropy-grad";
  }

  override forward([x, gy]: readonly [NdArray, NdArray]): NdArray[] {
    this.retainInputs([0, 1]);
    const { labels, largest, total, weight, count } = this.kept;
    return [gradient(x, labels, largest, total, coefficients(weight, gy, count), { axis: 1 })];
  }

  override backward(indexes: readonly number[], [ggx]: readonly [Variable]): Gradients {
    const [x, gy] = this.getRetainedInputs() as [Variable, Variable];
    const { labels, weight, count } = this.kept;
    const factors = coefficients(weight, 1, count);
    const probabilities = softmax(x, { axis: 1 });
    return indexes.map((index) => {
      if (index === 0) return product(softmaxGrad(probabilities, ggx, 1), product(gy, factors));
      const errors = difference(probabilities, oneHot(x.array, labels, { axis: 1 }));
      return sumTo(product(sum(product(ggx, errors), { axis: 1, keepdims: true }), factors), gy.shape);
    });
  }
}

/** A view with one element a class that broadcasts to `ndim` axes, of which the second is the classes. */
function alongClasses(weights: NdArray, ndim: number): NdArray {
  return reshapeArray(weights, [weights.size, ...new Array<number>(ndim - 2).fill(1)]);
}

const crossEntropyTerms = elementwiseFunction("softmaxCrossEntropy", (logY, t) => neg(mul(t, logY)));
const klDivergenceTerms = elementwiseFunction("softmaxCrossEntropy", (logY, t) => mul(t, sub(log(add(t, 1e-7)), logY)));

/** Options of {@link softmaxCrossEntropy}. */
export interface SoftmaxCrossEntropyOptions {
  /** Divides the summed loss by the number of labels that are not ignored (the default), or else by the batch size. */
  readonly normalize?: boolean;
  /** Weights of the classes, `(classes,)`; they do not change the divisor. May also stand in its place as an argument. */
  readonly classWeight?: VariableLike | null;
  /** The label of samples that do not count, -1 by default. */
  readonly ignoreLabel?: number;
  /** "mean" (the default) gives one number, "no" the loss of each sample. */
  readonly reduce?: "mean" | "no";
  /** For soft targets: "cross-entropy" (the default) or "kl-divergence". */
  readonly softTargetLoss?: "cross-entropy" | "kl-divergence";
  /** Chainer's switch for speed against memory; what is kept here is one number a sample, so it has no effect. */
  readonly cacheScore?: boolean;
  /** Chainer's switch; double backprop always works here, so it has no effect. */
  readonly enableDoubleBackprop?: boolean;
}

/**
 * Cross entropy of softmax: `-log softmax(x)[t]`, averaged over the labels that are not ignored.
 *
 * Targets are integer labels or, for soft targets, probabilities of the shape of `x`. Soft targets have no gradient, and
 * `normalize`, `classWeight` and `ignoreLabel` do not concern them: their mean is over all samples.
 *
 * Follows Chainer's `softmax_cross_entropy`. In debug mode labels out of range are a `ValueError`; without it they give
 * meaningless losses, because checking them would mean waiting for the device.
 *
 * @param x - Scores, shape `(batch, classes, …)`, floating.
 * @param t - Labels, shape `(batch, …)`, integer; or soft targets, shape and dtype of `x`.
 * @param classWeight - Shape `(classes,)`, floating, or null.
 * @returns 0-d of the dtype of `x`; with `reduce: "no"`, shape `(batch, …)`.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError for an unknown `reduce` or `softTargetLoss`.
 */
export function softmaxCrossEntropy(
  x: VariableLike,
  t: VariableLike,
  classWeight?: VariableLike | null,
  options?: SoftmaxCrossEntropyOptions,
): Variable;
export function softmaxCrossEntropy(x: VariableLike, t: VariableLike, options: SoftmaxCrossEntropyOptions): Variable;
export function softmaxCrossEntropy(
  x: VariableLike,
  t: VariableLike,
  classWeight: VariableLike | SoftmaxCrossEntropyOptions | null = null,
  options: SoftmaxCrossEntropyOptions = {},
): Variable {
  if (isLeftOut(classWeight)) return softmaxCrossEntropy(x, t, classWeight.classWeight ?? null, classWeight);
  const { normalize = true, ignoreLabel = -1, reduce = "mean", softTargetLoss = "cross-entropy" } = options;
  checkReduce("softmaxCrossEntropy", reduce, ["mean", "no"]);
  const targets = asArray(t);
  if (targets.dtype.startsWith("float")) return softTargets(x, targets, reduce, softTargetLoss);
  const weights = classWeight ?? options.classWeight ?? null;
  const settings: Settings = {
    mean: reduce === "mean",
    normalize,
    classWeight: weights === null ? null : asArray(weights),
    ignoreLabel,
  };
  return new SoftmaxCrossEntropy(settings).apply([x, t])[0] as Variable;
}

function softTargets(x: VariableLike, t: NdArray, reduce: "mean" | "no", kind: string): Variable {
  const scores = asArray(x);
  expectFloating("softmaxCrossEntropy", "x", scores);
  expectMinNdim("softmaxCrossEntropy", "x", scores, 2);
  expectSameShape("softmaxCrossEntropy", "soft targets t", t, "x", scores);
  if (kind !== "cross-entropy" && kind !== "kl-divergence") {
    throw new ValueError(`softmaxCrossEntropy: softTargetLoss is "cross-entropy" or "kl-divergence", got "${kind}"`);
  }
  const terms = kind === "cross-entropy" ? crossEntropyTerms : klDivergenceTerms;
  return reduceLoss(sum(terms(logSoftmax(x, { axis: 1 }), t), { axis: 1 }), reduce);
}
