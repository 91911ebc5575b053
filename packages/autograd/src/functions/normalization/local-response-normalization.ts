import { slice, ValueError } from "@chain/array";
import { add as plus, mul as times, neg, pow } from "@chain/array/kernel";
import { expectFloating, expectMinNdim } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { getItem } from "../array/get-item.js";
import { pad } from "../array/pad.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { add, square } from "../math/basic-math.js";

/** `k + alpha · squares`. */
const denominator = elementwiseFunction("localResponseNormalization-scale", (squares, k, alpha) =>
  plus(k, times(alpha, squares)),
);
const damped = elementwiseFunction("localResponseNormalization", (x, scale, beta) => times(x, pow(scale, neg(beta))));

/** Options of {@link localResponseNormalization}. */
export interface LocalResponseNormalizationOptions {
  /** Number of neighbouring channels, itself included; 5 by default. */
  readonly n?: number;
  /** 2 by default. */
  readonly k?: number;
  /** 0.0001 by default. */
  readonly alpha?: number;
  /** 0.75 by default. */
  readonly beta?: number;
}

/**
 * Local response normalization: divides by `(k + alpha · Σ x²)^beta`, where the sum goes over neighbouring channels.
 *
 * Follows Chainer's `local_response_normalization`; Krizhevsky et al., "ImageNet Classification with Deep Convolutional
 * Neural Networks", 2012.
 *
 * @param x - Shape `(batch, channels, …)`, floating.
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if `x` is not floating or has fewer than two axes, ValueError if `n` is not a whole number above 0.
 */
export function localResponseNormalization(
  x: VariableLike,
  { n = 5, k = 2, alpha = 1e-4, beta = 0.75 }: LocalResponseNormalizationOptions = {},
): Variable {
  if (!Number.isInteger(n) || n < 1) {
    throw new ValueError(`localResponseNormalization: n is a whole number above 0, got ${n}`);
  }
  const array = asArray(x);
  expectFloating("localResponseNormalization", "x", array);
  expectMinNdim("localResponseNormalization", "x", array, 2);
  const channels = array.shape[1] as number;
  const reach = Math.floor(n / 2);
  const widths = array.shape.map((_, axis) => (axis === 1 ? [reach, reach] : [0, 0]));
  const squares = pad(square(x), widths, "constant");
  const neighbours = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    getItem(squares, [slice(), slice(i, i + channels)]),
  );
  const [first, ...rest] = neighbours as [Variable, ...Variable[]];
  const [second, ...more] = rest;
  const total = second === undefined ? first : add(first, second, ...more);
  return damped(x, denominator(total, k, alpha), beta);
}
