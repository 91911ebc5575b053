import { astype, multiply, random, type NdArray, type Shape } from "@chain/array";
import {
  expectEqual,
  expectFloating,
  expectMinNdim,
  expectNdim,
  expectSameDtype,
  expectThat,
} from "../../type-check.js";
import { formatShape, sameShape } from "../../shape.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { reshape } from "../array/reshape.js";
import { linear } from "../connection/linear.js";
import { isLeftOut } from "../left-out.js";
import { add, mul } from "../math/basic-math.js";
import { matmul } from "../math/matmul.js";
import { checkRatio } from "./ratio.js";

/** Options of {@link simplifiedDropconnect}. */
export interface SimplifiedDropconnectOptions {
  /** The probability with which a weight is dropped, 0.5 by default. */
  readonly ratio?: number;
  /** Whether to drop weights at all. Default true. */
  readonly train?: boolean;
  /** Whether every sample has a mask of its own (the default), or all samples share one. */
  readonly useBatchwiseMask?: boolean;
  /** Factors to multiply weights by instead of random ones. May also stand in its place as an argument. */
  readonly mask?: VariableLike | null;
}

/**
 * Linear layer whose weights are dropped at random in training: `x (mask · W)ᵀ + b`. The weights that are kept are
 * divided by `1 - ratio`.
 *
 * Follows Chainer's `simplified_dropconnect`; Wan et al., "Regularization of Neural Networks using DropConnect", 2013.
 *
 * @param x - Shape `(batch, …)`, of which everything after the batch axis is flattened to `in` elements; floating.
 * @param W - Shape `(out, in)`.
 * @param b - Shape `(out,)`, or null.
 * @param mask - Factors, shape `(batch, out, in)`, or `(out, in)` without `useBatchwiseMask`; null for random ones.
 * @returns Shape `(batch, out)`.
 * @throws ValueError unless 0 ≤ ratio < 1, InvalidType if shapes or dtypes do not fit.
 */
export function simplifiedDropconnect(
  x: VariableLike,
  W: VariableLike,
  b?: VariableLike | null,
  mask?: VariableLike | null,
  options?: SimplifiedDropconnectOptions,
): Variable;
export function simplifiedDropconnect(
  x: VariableLike,
  W: VariableLike,
  b: VariableLike | null,
  options: SimplifiedDropconnectOptions,
): Variable;
export function simplifiedDropconnect(
  x: VariableLike,
  W: VariableLike,
  options: SimplifiedDropconnectOptions,
): Variable;
export function simplifiedDropconnect(
  x: VariableLike,
  W: VariableLike,
  b: VariableLike | SimplifiedDropconnectOptions | null = null,
  mask: VariableLike | SimplifiedDropconnectOptions | null = null,
  options: SimplifiedDropconnectOptions = {},
): Variable {
  if (isLeftOut(b)) return simplifiedDropconnect(x, W, null, null, b);
  if (isLeftOut(mask)) return simplifiedDropconnect(x, W, b, null, mask);
  const { ratio = 0.5, train = true, useBatchwiseMask = true } = options;
  const label = "simplifiedDropconnect";
  checkRatio(label, ratio);
  const [array, weight] = [asArray(x), asArray(W)];
  expectFloating(label, "x", array);
  expectMinNdim(label, "x", array, 2);
  expectNdim(label, "W", weight, 2);
  expectSameDtype(label, "x", array, "W", weight);
  const [rows = 0, ...rest] = array.shape;
  const [outSize = 0, inSize = 0] = weight.shape;
  const features = rest.reduce((product, length) => product * length, 1);
  expectEqual(label, "elements of x[0]", features, "W.shape[1]", inSize);

  const factors = mask ?? options.mask ?? null;
  const shape = useBatchwiseMask ? [rows, outSize, inSize] : [outSize, inSize];
  const drop = factors === null ? randomFactors(weight, shape, train ? ratio : 0) : asArray(factors);
  expectThat(label, sameShape(drop.shape, shape), `mask.shape == ${formatShape(shape)}`, formatShape(drop.shape));
  const kept = mul(W, drop);
  if (!useBatchwiseMask) return linear(x, kept, b);
  const y = reshape(matmul(kept, reshape(x, [rows, features, 1])), [rows, outSize]);
  if (b === null) return y;
  expectNdim(label, "b", asArray(b), 1);
  expectEqual(label, "b.shape[0]", asArray(b).size, "W.shape[0]", outSize);
  return add(y, b);
}

function randomFactors({ dtype, device }: NdArray, shape: Shape, ratio: number): NdArray {
  return multiply(astype(random.bernoulli(1 - ratio, shape, { device }), dtype), 1 / (1 - ratio));
}
