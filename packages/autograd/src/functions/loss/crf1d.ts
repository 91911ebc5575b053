import { add as addArrays, multiply, slice, type NdArray } from "@chain/array";
import {
  expectEqual,
  expectFloating,
  expectInteger,
  expectNdim,
  expectSameDtype,
  expectThat,
  invalidType,
} from "../../type-check.js";
import { asArray, asVariable, type Variable, type VariableLike } from "../../variable.js";
import { concat } from "../array/concat.js";
import { expandDims } from "../array/expand-dims.js";
import { getItem } from "../array/get-item.js";
import { reshape } from "../array/reshape.js";
import { selectItem } from "../array/select-item.js";
import { splitAxis } from "../array/split-axis.js";
import { embedId } from "../connection/embed-id.js";
import { argmax } from "../math/argmax.js";
import { add, sub } from "../math/basic-math.js";
import { logsumexp } from "../math/logsumexp.js";
import { max } from "../math/max.js";
import { asLabels } from "./labels.js";
import { checkReduce, reduceLoss } from "./reduce.js";

/** Options of {@link crf1d}. */
export interface Crf1dOptions {
  /** "mean" (the default) gives one number, "no" the loss of each sequence. */
  readonly reduce?: "mean" | "no";
}

/** Values of sequences that have ended, and of those that go on; the longest sequences come first. */
class Running {
  private readonly ended: Variable[] = [];

  constructor(public going: Variable) {}

  /** Lets all but the first `count` sequences end; gives what is left. */
  keep(count: number): Variable {
    if (this.going.length > count) {
      const [left, ended] = splitAxis(this.going, [count], 0) as [Variable, Variable];
      this.ended.push(ended);
      this.going = left;
    }
    return this.going;
  }

  /** The values of all sequences, in their order. */
  all(): Variable {
    return concat([this.going, ...this.ended.toReversed()], { axis: 0 });
  }
}

/**
 * Negative log-likelihood of label sequences under a linear-chain conditional random field.
 *
 * Follows Chainer's `crf1d`; Lafferty et al., "Conditional Random Fields", 2001.
 *
 * @param cost - Shape `(labels, labels)`, floating: the score of each label (row) being followed by another (column).
 * @param xs - Time-major: for each time an array of shape `(sequences, labels)` of scores, of the sequences that are
 * that long; longest first, so that the lengths descend.
 * @param ys - For each time the labels, shape `(sequences,)`, integer.
 * @returns 0-d of the dtype of `cost`; with `reduce: "no"`, one value for each sequence.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError for an unknown `reduce`.
 */
export function crf1d(
  cost: VariableLike,
  xs: readonly VariableLike[],
  ys: readonly VariableLike[],
  { reduce = "mean" }: Crf1dOptions = {},
): Variable {
  checkReduce("crf1d", reduce, ["mean", "no"]);
  const labelCount = checkScores("crf1d", cost, xs);
  const labels = checkPath(xs, ys);

  const alpha = new Running(asVariable(xs[0] as VariableLike));
  const score = new Running(selectItem(xs[0] as VariableLike, labels[0] as NdArray));
  const table = reshape(cost, [labelCount * labelCount, 1]);
  xs.slice(1).forEach((x, i) => {
    const [count = 0] = x.shape;
    const [before, now] = [labels[i] as NdArray, labels[i + 1] as NdArray];
    alpha.going = add(logsumexp(add(expandDims(alpha.keep(count), 2), cost), { axis: 1 }), x);
    const pairs = addArrays(multiply(before.get(slice(0, count)), labelCount), now);
    score.going = add(score.keep(count), selectItem(x, now), reshape(embedId(pairs, table), [count]));
  });
  return reduceLoss(sub(logsumexp(alpha.all(), { axis: 1 }), score.all()), reduce);
}

/**
 * The label sequences of the highest score under a linear-chain conditional random field.
 *
 * Follows Chainer's `argmax_crf1d`. See {@link crf1d} for arguments and errors.
 *
 * @returns The score of each sequence, which has a gradient, and for each time the labels, int32.
 */
export function argmaxCrf1d(cost: VariableLike, xs: readonly VariableLike[]): [score: Variable, path: NdArray[]] {
  checkScores("argmaxCrf1d", cost, xs);
  const alpha = new Running(asVariable(xs[0] as VariableLike));
  /** For each step, the best label before each label; and the best last labels of sequences that ended before it. */
  const steps: { readonly before: Variable; readonly ended: Variable | null }[] = [];
  for (const x of xs.slice(1)) {
    const [count = 0] = x.shape;
    const running = alpha.going;
    const ended = running.length > count ? argmax(getItem(running, [slice(count, null)]), { axis: 1 }) : null;
    const scores = add(expandDims(alpha.keep(count), 2), cost);
    steps.push({ before: argmax(scores, { axis: 1 }), ended });
    alpha.going = add(max(scores, { axis: 1 }), x);
  }
  let labels = argmax(alpha.going, { axis: 1 });
  const path = [labels.array];
  for (const { before, ended } of steps.toReversed()) {
    const earlier = selectItem(before, labels);
    labels = ended === null ? earlier : concat([earlier, ended], { axis: 0 });
    path.unshift(labels.array);
  }
  return [max(alpha.all(), { axis: 1 }), path];
}

/** Checks scores; gives the number of labels. */
function checkScores(label: string, cost: VariableLike, xs: readonly VariableLike[]): number {
  const table = asArray(cost);
  expectFloating(label, "cost", table);
  expectNdim(label, "cost", table, 2);
  const [count = 0, columns = 0] = table.shape;
  expectEqual(label, "cost.shape[0]", count, "cost.shape[1]", columns);
  if (xs.length === 0) throw invalidType(label, "scores for at least one time", "an empty list");
  xs.forEach((x, time) => {
    const scores = asArray(x);
    expectSameDtype(label, "cost", table, `xs[${time}]`, scores);
    expectNdim(label, `xs[${time}]`, scores, 2);
    expectEqual(label, `xs[${time}].shape[1]`, scores.shape[1] as number, "cost.shape[0]", count);
    const longest = xs[time - 1]?.shape[0] ?? Infinity;
    expectThat(label, scores.length <= longest, "numbers of sequences that do not grow with time", `${scores.length}`);
  });
  return count;
}

/** Checks labels; gives them as int32. */
function checkPath(xs: readonly VariableLike[], ys: readonly VariableLike[]): NdArray[] {
  expectEqual("crf1d", "xs.length", xs.length, "ys.length", ys.length);
  return ys.map((y, time) => {
    const labels = asArray(y);
    expectInteger("crf1d", `ys[${time}]`, labels);
    expectNdim("crf1d", `ys[${time}]`, labels, 1);
    expectEqual("crf1d", `ys[${time}].shape[0]`, labels.size, `xs[${time}].shape[0]`, xs[time]?.shape[0] ?? 0);
    return asLabels(labels);
  });
}
