import {
  arange,
  array,
  astype,
  equal,
  expandDims as expandArray,
  full,
  less,
  logicalAnd as both,
  logicalNot,
  maximum,
  multiply,
  notEqual,
  reshape as reshapeArray,
  setItem,
  slice,
  subtract,
  ValueError,
  type NdArray,
} from "@chain/array";
import { add, exp, log, max, mul, neg, sub } from "@chain/array/kernel";
import { expectEqual, expectInteger, expectNdim, expectThat } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { logSoftmax } from "../activation/log-softmax.js";
import { getItem } from "../array/get-item.js";
import { pad } from "../array/pad.js";
import { separate } from "../array/separate.js";
import { stack } from "../array/stack.js";
import { where } from "../array/where.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { isLeftOut } from "../left-out.js";
import { add as addVariables } from "../math/basic-math.js";
import { checkReduce, reduceLoss } from "./reduce.js";

const label = "connectionistTemporalClassification";

/** The logarithm of 0, finite so that differences of it are. */
const logZero = -1e10;

/** log(e^a + e^b + e^(c + skip)). */
const logSum = elementwiseFunction(
  `${label}-sum`,
  (a, b, c, skip) => {
    const last = add(c, skip);
    const largest = max(max(a, b), last);
    return add(largest, log(add(add(exp(sub(a, largest)), exp(sub(b, largest))), exp(sub(last, largest)))));
  },
  {
    gradient: ({ xs: [a = 0, b = 0, c = 0, skip = 0], y, gy }) => [
      mul(gy, exp(sub(a, y))),
      mul(gy, exp(sub(b, y))),
      mul(gy, exp(sub(add(c, skip), y))),
      null,
    ],
  },
);

const negative = elementwiseFunction(label, (x) => neg(x));

/** Options of {@link connectionistTemporalClassification}. */
export interface ConnectionistTemporalClassificationOptions {
  /** "mean" (the default) gives one number, "no" the loss of each sample. */
  readonly reduce?: "mean" | "no";
  /** Lengths of the inputs; may also stand in its place as an argument. */
  readonly inputLength?: VariableLike | null;
  /** Lengths of the labels; may also stand in its place as an argument. */
  readonly labelLength?: VariableLike | null;
}

/**
 * Connectionist temporal classification (CTC): the negative log-likelihood of a sequence of labels whose times are not
 * known, with blanks between them.
 *
 * Follows Chainer's `connectionist_temporal_classification`; Graves et al., "Connectionist Temporal Classification:
 * Labelling Unsegmented Sequence Data with Recurrent Neural Networks", 2006.
 *
 * @param x - Time-major: for each time the scores, shape `(batch, classes)`, floating.
 * @param t - Labels, shape `(batch, labels)`, integer.
 * @param blankSymbol - The class that stands for no label.
 * @param inputLength - Shape `(batch,)`, integer: how many times count for each sample; null for all.
 * @param labelLength - Shape `(batch,)`, integer: how many labels count for each sample; null for all.
 * @returns 0-d of the dtype of `x`; with `reduce: "no"`, shape `(batch,)`.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError for an unknown `reduce` or class.
 */
export function connectionistTemporalClassification(
  x: readonly VariableLike[],
  t: VariableLike,
  blankSymbol: number,
  inputLength?: VariableLike | null,
  labelLength?: VariableLike | null,
  options?: ConnectionistTemporalClassificationOptions,
): Variable;
export function connectionistTemporalClassification(
  x: readonly VariableLike[],
  t: VariableLike,
  blankSymbol: number,
  inputLength: VariableLike | null,
  options: ConnectionistTemporalClassificationOptions,
): Variable;
export function connectionistTemporalClassification(
  x: readonly VariableLike[],
  t: VariableLike,
  blankSymbol: number,
  options: ConnectionistTemporalClassificationOptions,
): Variable;
export function connectionistTemporalClassification(
  x: readonly VariableLike[],
  t: VariableLike,
  blankSymbol: number,
  inputLength: VariableLike | ConnectionistTemporalClassificationOptions | null = null,
  labelLength: VariableLike | ConnectionistTemporalClassificationOptions | null = null,
  options: ConnectionistTemporalClassificationOptions = {},
): Variable {
  if (isLeftOut(inputLength)) {
    return connectionistTemporalClassification(x, t, blankSymbol, null, null, inputLength);
  }
  if (isLeftOut(labelLength)) {
    return connectionistTemporalClassification(x, t, blankSymbol, inputLength, null, labelLength);
  }
  const { reduce = "mean" } = options;
  checkReduce(label, reduce, ["mean", "no"]);
  const labels = asArray(t);
  expectThat(label, x.length > 0, "scores for at least one time", "an empty list");
  expectInteger(label, "t", labels);
  expectNdim(label, "t", labels, 2);
  const scores = logSoftmax(stack(x), { axis: 2 });
  expectNdim(label, "x[0]", asArray(x[0] as VariableLike), 2);
  const [times, batch, classes] = scores.shape as readonly [number, number, number];
  expectEqual(label, "x[0].shape[0]", batch, "t.shape[0]", labels.shape[0] as number);
  if (!Number.isInteger(blankSymbol) || blankSymbol < 0 || blankSymbol >= classes) {
    throw new ValueError(`${label}: blankSymbol is one of ${classes} classes, got ${blankSymbol}`);
  }
  const inputLengths = lengthsOf("inputLength", inputLength ?? options.inputLength ?? null, batch);
  const labelLengths = lengthsOf("labelLength", labelLength ?? options.labelLength ?? null, batch);

  const path = withBlanks(labels, blankSymbol);
  const { device } = labels;
  const samples = reshapeArray(arange(batch, { device }), [batch, 1]);
  // Shape (times, batch, places of the path).
  const emissions = separate(getItem(scores, [slice(), samples, path]));
  const skips = skipTerms(path, blankSymbol, scores.array);
  let alpha = addVariables(startTerms(path, scores.array), emissions[0] as Variable);
  for (let time = 1; time < times; time++) {
    const next = advance(alpha, emissions[time] as Variable, skips);
    alpha = inputLengths === null ? next : where(expandArray(less(time, inputLengths), 1), next, alpha);
  }
  return reduceLoss(negative(atEnd(alpha, labels.shape[1] as number, labelLengths)), reduce);
}

function lengthsOf(name: string, given: VariableLike | null, batch: number): NdArray | null {
  if (given === null) return null;
  const lengths = asArray(given);
  expectInteger(label, name, lengths);
  expectNdim(label, name, lengths, 1);
  expectEqual(label, `${name}.shape[0]`, lengths.size, "x[0].shape[0]", batch);
  return lengths;
}

/** Labels with a blank before, between and after them: `(batch, 2 · labels + 1)`. */
function withBlanks(labels: NdArray, blank: number): NdArray {
  const [batch, count] = labels.shape as readonly [number, number];
  const path = full([batch, 2 * count + 1], blank, { dtype: "int32", device: labels.device });
  return setItem(path, [slice(), slice(1, null, 2)], astype(labels, "int32"));
}

/** 0 at the first two places of a path, where it may begin. */
function startTerms(path: NdArray, like: NdArray): NdArray {
  const [, places] = path.shape as readonly [number, number];
  return array(
    Array.from({ length: places }, (_, place) => (place < 2 ? 0 : logZero)),
    { dtype: like.dtype, device: like.device },
  );
}

/** 0 where the place two before may come directly before: where both are different labels. */
function skipTerms(path: NdArray, blank: number, like: NdArray): NdArray {
  const terms = full(path.shape, logZero, { dtype: like.dtype, device: like.device });
  if ((path.shape[1] as number) < 3) return terms;
  const [later, earlier] = [path.get(slice(), slice(2, null)), path.get(slice(), slice(0, -2))];
  const allowed = both(notEqual(later, blank), notEqual(later, earlier));
  const values = multiply(astype(logicalNot(allowed), like.dtype), logZero);
  return setItem(terms, [slice(), slice(2, null)], values);
}

/** One step in time: from the same place, the one before, or two before. */
function advance(alpha: Variable, emission: Variable, skips: NdArray): Variable {
  const places = alpha.shape[1] as number;
  const padded = pad(alpha, [[0], [2, 0]], "constant", { constantValues: logZero });
  const before = getItem(padded, [slice(), slice(1, places + 1)]);
  const twoBefore = getItem(padded, [slice(), slice(0, places)]);
  return addVariables(logSum(alpha, before, twoBefore, skips), emission);
}

/** The logarithm of the probability of ending with the last label or the blank behind it. */
function atEnd(alpha: Variable, labelCount: number, lengths: NdArray | null): Variable {
  const [batch] = alpha.shape as readonly [number, number];
  const { dtype, device } = alpha;
  const samples = arange(batch, { device });
  const counts = lengths ?? full([batch], labelCount, { dtype: "int32", device });
  const last = getItem(alpha, [samples, multiply(counts, 2)]);
  const beforeLast = getItem(alpha, [samples, maximum(subtract(multiply(counts, 2), 1), 0)]);
  // An empty path consists of one blank, and has no place before it.
  const none = multiply(astype(equal(counts, 0), dtype), logZero);
  return logSum(last, logZero, beforeLast, none);
}
