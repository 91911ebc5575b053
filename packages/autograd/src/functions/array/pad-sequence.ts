import { full, setItem, slice, ValueError, type NdArray } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { formatShape, sameShape } from "../../shape.js";
import { expectMinNdim, expectSameDtype, expectThat, invalidType } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { getItem } from "./get-item.js";

class PadSequence extends FunctionNode {
  constructor(
    private readonly length: number | null,
    private readonly padding: number,
  ) {
    super();
  }

  override get label(): string {
    return "padSequence";
  }

  override checkTypeForward(xs: readonly [NdArray, ...NdArray[]]): void {
    const [first] = xs;
    expectMinNdim("padSequence", "xs[0]", first, 1);
    const rest = first.shape.slice(1);
    xs.forEach((x, i) => {
      expectSameDtype("padSequence", "xs[0]", first, `xs[${i}]`, x);
      const fits = x.ndim === first.ndim && sameShape(x.shape.slice(1), rest);
      expectThat("padSequence", fits, `shapes that agree after the first axis`, () =>
        xs.map(({ shape }) => formatShape(shape)).join(" and "),
      );
    });
  }

  override forward(xs: readonly [NdArray, ...NdArray[]]): NdArray[] {
    const { shape, dtype, device } = xs[0];
    const length = this.length ?? Math.max(...xs.map((x) => x.length));
    const result = full([xs.length, length, ...shape.slice(1)], this.padding, { dtype, device });
    xs.forEach((x, row) => setItem(result, [row, slice(0, x.length)], x));
    return [result];
  }

  override backward(indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    return indexes.map((index) => getItem(gy, [index, slice(0, this.inputShape(index)[0])]));
  }
}

/** Options of {@link padSequence}. */
export interface PadSequenceOptions {
  /** Length of the padded sequences; that of the longest by default. */
  readonly length?: number | null;
  /** Value behind the end of a sequence, 0 by default. */
  readonly padding?: number;
}

/**
 * Puts sequences of different lengths into one array, padded behind their ends.
 *
 * Follows Chainer's `pad_sequence`.
 *
 * @param xs - One array or more, of shapes `(length, …)` that agree after the first axis, of one dtype.
 * @returns Shape `(sequences, length, …)`.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError if `length` is shorter than a sequence.
 */
export function padSequence(xs: readonly VariableLike[], options: PadSequenceOptions = {}): Variable {
  const { length = null, padding = 0 } = options;
  if (xs.length === 0) throw invalidType("padSequence", "at least one array", "an empty list");
  if (length !== null && (!Number.isInteger(length) || xs.some(({ shape: [own = 0] }) => own > length))) {
    throw new ValueError(`padSequence: a sequence is longer than length ${length}`);
  }
  return new PadSequence(length, padding).apply(xs)[0] as Variable;
}
