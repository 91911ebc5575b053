import { multiply, random, type NdArray } from "@chain/array";
import { castLike, elementwise, mul, where } from "@chain/array/kernel";
import { config } from "../../config.js";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { expectFloating, expectSameDtype, expectSameShape } from "../../type-check.js";
import { asArray, asVariable, type Variable, type VariableLike } from "../../variable.js";
import { isLeftOut } from "../left-out.js";
import { checkRatio } from "./ratio.js";

const drop = elementwise("dropout", (x, kept, scale) => where(kept, mul(x, scale), 0));
const maskOf = elementwise("dropout-mask", (x, kept, scale) => castLike(where(kept, scale, 0), x));

/** Multiplies by a mask: one byte an element and a scale, or an array of factors. */
class Dropout extends FunctionNode {
  constructor(
    private readonly mask: NdArray,
    private readonly scale: number | null,
  ) {
    super();
  }

  override get label(): string {
    return "dropout";
  }

  override checkTypeForward([x]: readonly [NdArray]): void {
    expectFloating("dropout", "x", x);
    expectSameShape("dropout", "mask", this.mask, "x", x);
    if (this.scale === null) expectSameDtype("dropout", "mask", this.mask, "x", x);
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    return [this.scale === null ? multiply(x, this.mask) : drop(x, this.mask, this.scale)];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    return [new Dropout(this.mask, this.scale).apply([gy])[0] as Variable];
  }
}

/** Options of {@link dropout}. */
export interface DropoutOptions {
  /** The probability with which an element becomes 0, 0.5 by default. */
  readonly ratio?: number;
  /** Factors to multiply by in training instead of random ones. May also stand in its place as an argument. */
  readonly mask?: VariableLike | null;
  /** Whether to return the factors too, or null in test mode. */
  readonly returnMask?: boolean;
}

/** What {@link dropout} returns with `returnMask`. */
export type DropoutWithMask = [y: Variable, mask: NdArray | null];

/**
 * Dropout: in training, makes elements 0 at random and divides the others by `1 - ratio`; in test mode, changes nothing.
 *
 * Random numbers come from `random` of `@chain/array`, so that its seed repeats a run.
 *
 * Follows Chainer's `dropout`; Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
 * 2014.
 *
 * @param x - Any shape, floating.
 * @param mask - Factors, shape and dtype of `x`, or null for random ones.
 * @returns Shape and dtype of `x`; with `returnMask`, the factors as well.
 * @throws ValueError unless 0 ≤ ratio < 1, InvalidType if `x` is not floating or the mask does not fit.
 */
export function dropout(x: VariableLike, options: DropoutOptions & { readonly returnMask: true }): DropoutWithMask;
export function dropout(x: VariableLike, options?: DropoutOptions & { readonly returnMask?: false }): Variable;
export function dropout(
  x: VariableLike,
  mask: VariableLike | null,
  options: DropoutOptions & { readonly returnMask: true },
): DropoutWithMask;
export function dropout(
  x: VariableLike,
  mask: VariableLike | null,
  options?: DropoutOptions & { readonly returnMask?: false },
): Variable;
export function dropout(x: VariableLike, options?: DropoutOptions): Variable | DropoutWithMask;
export function dropout(
  x: VariableLike,
  maskOrOptions: VariableLike | DropoutOptions | null = null,
  more: DropoutOptions = {},
): Variable | DropoutWithMask {
  const options = isLeftOut(maskOrOptions) ? maskOrOptions : more;
  const given = (isLeftOut(maskOrOptions) ? null : maskOrOptions) ?? options.mask ?? null;
  const { ratio = 0.5, returnMask = false } = options;
  checkRatio("dropout", ratio);
  const array = asArray(x);
  expectFloating("dropout", "x", array);
  if (!config.train) return returnMask ? [asVariable(x), null] : asVariable(x);
  if (given !== null) {
    const mask = asArray(given);
    const y = new Dropout(mask, null).apply([x])[0] as Variable;
    return returnMask ? [y, mask] : y;
  }
  const scale = 1 / (1 - ratio);
  const kept = random.bernoulli(1 - ratio, array.shape, { device: array.device });
  const y = new Dropout(kept, scale).apply([x])[0] as Variable;
  return returnMask ? [y, maskOf(array, kept, scale)] : y;
}
