import { arraySplit, concatenate, scope, take, type NdArray } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { formatShape, sameShape } from "../../shape.js";
import { expectMinNdim, expectSameDtype, expectThat } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { filledWithZeros } from "./concat.js";

class TransposeSequence extends FunctionNode {
  override get label(): string {
    return "transposeSequence";
  }

  override checkTypeForward(xs: readonly [NdArray, ...NdArray[]]): void {
    const [first] = xs;
    expectMinNdim("transposeSequence", "xs[0]", first, 1);
    xs.forEach((x, i) => {
      expectSameDtype("transposeSequence", "xs[0]", first, `xs[${i}]`, x);
      const fits = x.ndim === first.ndim && sameShape(x.shape.slice(1), first.shape.slice(1));
      const sorted = x.length <= (xs[i - 1] ?? first).length;
      expectThat(
        "transposeSequence",
        fits && sorted,
        "shapes (length, …) with descending lengths that agree otherwise",
        () => xs.map(({ shape }) => formatShape(shape)).join(" and "),
      );
    });
  }

  override forward(xs: readonly NdArray[]): NdArray[] {
    const lengths = xs.map((x) => x.length);
    const starts: number[] = [];
    lengths.reduce((start, length) => (starts.push(start), start + length), 0);
    const counts = transposedLengths(lengths);
    const rows = counts.flatMap((count, time) => starts.slice(0, count).map((start) => start + time));
    let end = 0;
    const ends = counts.slice(0, -1).map((count) => (end += count));
    return scope(() => arraySplit(take(concatenate(xs, { axis: 0 }), rows, { axis: 0 }), ends, { axis: 0 }));
  }

  override backward(indexes: readonly number[], gys: Gradients): Gradients {
    const gxs = transposeSequence(filledWithZeros(gys, this.outputs));
    // Sequences of length 0 have left no trace in the outputs.
    return indexes.map((index) => gxs[index] ?? null);
  }
}

/** How many of the lengths exceed 0, 1, 2, … */
function transposedLengths(lengths: readonly number[]): number[] {
  return Array.from({ length: lengths[0] ?? 0 }, (_, time) => lengths.filter((length) => length > time).length);
}

/**
 * Transposes a list of sequences: result `t` holds element `t` of every sequence that is long enough. It is its own
 * inverse.
 *
 * Follows Chainer's `transpose_sequence`.
 *
 * @param xs - Arrays of shapes `(length, …)` with descending lengths, which agree otherwise, of one dtype.
 * @throws InvalidType if shapes or dtypes do not fit.
 */
export function transposeSequence(xs: readonly VariableLike[]): Variable[] {
  const [first] = xs;
  if (first === undefined || first.shape[0] === 0) return [];
  return new TransposeSequence().apply(xs);
}
