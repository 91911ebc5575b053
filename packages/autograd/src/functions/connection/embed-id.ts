import { addAt, getItem, scope, zeros, type NdArray, type Shape } from "@chain/array";
import { elementwise, eq, where } from "@chain/array/kernel";
import { FunctionNode, type Gradients } from "../../function-node.js";
import type { GradientSum } from "../../gradient-sum.js";
import { expectInteger, expectNdim } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";

const isIgnored = elementwise("embedId-ignored", { scalars: ["label"] }, (x, { label }) => eq(x, label));
const zeroWhere = elementwise("embedId-zero", (mask, x) => where(mask, 0, x));

/** A run of {@link embedId}; its input is the table. */
export class EmbedID extends FunctionNode {
  constructor(
    readonly ids: NdArray,
    readonly ignoreLabel: number | null,
  ) {
    super();
  }

  override get label(): string {
    return "embedId";
  }

  override checkTypeForward([W]: readonly [NdArray]): void {
    expectInteger("embedId", "x", this.ids);
    expectNdim("embedId", "W", W, 2);
  }

  override forward([W]: readonly [NdArray]): NdArray[] {
    const { ids, ignoreLabel } = this;
    if (ignoreLabel === null) return [getItem(W, [ids])];
    return scope(() => {
      const ignored = isIgnored(ids, { label: ignoreLabel });
      return [zeroWhere(asColumn(ignored), getItem(W, [zeroWhere(ignored, ids)]))];
    });
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    return [new EmbedIDGrad(this.ids, this.inputShape(0), this.ignoreLabel).apply([gy])[0] as Variable];
  }

  override addGradient(_index: number, [gy]: readonly [Variable], sum: GradientSum): boolean {
    addRows(sum.array, this.ids, gy.array, this.ignoreLabel);
    return true;
  }
}

/** Adds every row of the gradient to the row of `W` that it came from. */
class EmbedIDGrad extends FunctionNode {
  constructor(
    private readonly ids: NdArray,
    private readonly shape: Shape,
    private readonly ignoreLabel: number | null,
  ) {
    super();
  }

  override get label(): string {
    return "embedId-grad";
  }

  override forward([gy]: readonly [NdArray]): NdArray[] {
    const { ids, shape, ignoreLabel } = this;
    const gW = zeros(shape, { dtype: gy.dtype, device: gy.device });
    addRows(gW, ids, gy, ignoreLabel);
    return [gW];
  }

  override backward(_indexes: readonly number[], [ggW]: readonly [Variable]): Gradients {
    return [new EmbedID(this.ids, this.ignoreLabel).apply([ggW])[0] as Variable];
  }
}

/** Adds rows to the rows of a table that they belong to, but those of one id. */
function addRows(table: NdArray, ids: NdArray, rows: NdArray, ignoreLabel: number | null): void {
  if (ignoreLabel === null) {
    addAt(table, [ids], rows);
    return;
  }
  scope(() => {
    const ignored = isIgnored(ids, { label: ignoreLabel });
    addAt(table, [zeroWhere(ignored, ids)], zeroWhere(asColumn(ignored), rows));
  });
}

/** The same elements with an axis of length 1 behind the others. */
function asColumn(x: NdArray): NdArray {
  return x.view([...x.shape, 1], [...x.strides, 0], x.offset);
}

/** Options of {@link embedId}. */
export interface EmbedIDOptions {
  /** An id whose rows are zeros and take no gradient; none by default. */
  readonly ignoreLabel?: number | null;
}

/**
 * Rows of a table by number: the vectors of words, say.
 *
 * Follows Chainer's `embed_id`.
 *
 * @param x - Any shape, integer: numbers of rows. It has no gradient.
 * @param W - Shape `(rows, size)`.
 * @returns Shape `(…x, size)`, dtype of `W`.
 * @throws InvalidType if `x` is not integer or `W` has not two axes, IndexError if a number is out of range.
 */
export function embedId(x: VariableLike, W: VariableLike, { ignoreLabel = null }: EmbedIDOptions = {}): Variable {
  return new EmbedID(asArray(x), ignoreLabel).apply([W])[0] as Variable;
}
