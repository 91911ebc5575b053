import { astype, type NdArray } from "@chain/array";
import {
  abs,
  add,
  div,
  elementwise,
  exp,
  ge,
  log1p,
  max,
  mul,
  ne,
  neg,
  reduction,
  sigmoid,
  sub,
  where,
  type Expr,
} from "@chain/array/kernel";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { expectFloating, expectInteger, expectSameShape } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { asLabels, countLabels } from "./labels.js";
import { checkReduce } from "./reduce.js";

/** The label of elements that do not count. */
const ignoreLabel = -1;

function lossOf(x: Expr, t: Expr): Expr {
  const loss = sub(log1p(exp(neg(abs(x)))), mul(x, sub(t, where(ge(x, 0), 1, 0))));
  return where(ne(t, ignoreLabel), loss, 0);
}

const losses = elementwise("sigmoidCrossEntropy", (x, t) => lossOf(x, t));

const meanLoss = reduction("sigmoidCrossEntropy-mean", {
  map: (x: Expr, t: Expr, count: Expr) => div(lossOf(x, t), max(count, 1)),
  combine: add,
  identity: 0,
});

const reciprocal = elementwise("sigmoidCrossEntropy-factor", (count) => div(1, max(count, 1)));

const gradient = elementwiseFunction("sigmoidCrossEntropy-grad", (x, t, gy, factor) =>
  where(ne(t, ignoreLabel), mul(mul(gy, factor), sub(sigmoid(x), t)), 0),
);

class SigmoidCrossEntropy extends FunctionNode {
  private count: NdArray | number = 1;

  constructor(
    private readonly mean: boolean,
    private readonly normalize: boolean,
  ) {
    super();
  }

  override get label(): string {
    return "sigmoidCrossEntropy";
  }

  override checkTypeForward([x, t]: readonly [NdArray, NdArray]): void {
    expectFloating(this.label, "x", x);
    expectInteger(this.label, "t", t);
    expectSameShape(this.label, "x", x, "t", t);
  }

  override forward([x, t]: readonly [NdArray, NdArray]): NdArray[] {
    this.retainInputs([0, 1]);
    const labels = asLabels(t);
    if (!this.mean) return [losses(x, labels)];
    this.count = this.normalize ? countLabels(labels, ignoreLabel) : (x.shape[0] ?? 1);
    return [meanLoss(x, labels, this.count)];
  }

  override backward(indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const [x, t] = this.getRetainedInputs() as [Variable, Variable];
    const { count } = this;
    const factor = typeof count === "number" ? 1 / Math.max(count, 1) : astype(reciprocal(count), x.dtype);
    const labels = astype(asLabels(t.array), x.dtype);
    return indexes.map((index) => (index === 0 ? gradient(x, labels, gy, factor) : null));
  }
}

/** Options of {@link sigmoidCrossEntropy}. */
export interface SigmoidCrossEntropyOptions {
  /** Divides the summed loss by the number of labels that are not ignored (the default), or else by the batch size. */
  readonly normalize?: boolean;
  /** "mean" (the default) gives one number, "no" the loss of each element. */
  readonly reduce?: "mean" | "no";
}

/**
 * Cross entropy of the sigmoid, for yes-or-no decisions: `-log sigmoid(x)` where the label is 1, `-log(1 - sigmoid(x))`
 * where it is 0. Elements with the label -1 do not count.
 *
 * Follows Chainer's `sigmoid_cross_entropy`.
 *
 * @param x - Scores, any shape, floating.
 * @param t - Labels 0, 1 or -1, shape of `x`, integer.
 * @returns 0-d of the dtype of `x`; with `reduce: "no"`, the shape of `x`.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError for an unknown `reduce`.
 */
export function sigmoidCrossEntropy(
  x: VariableLike,
  t: VariableLike,
  { normalize = true, reduce = "mean" }: SigmoidCrossEntropyOptions = {},
): Variable {
  checkReduce("sigmoidCrossEntropy", reduce, ["mean", "no"]);
  return new SigmoidCrossEntropy(reduce === "mean", normalize).apply([x, t])[0] as Variable;
}
