import type { Variable, VariableLike } from "../../variable.js";
import { scaledElu } from "./elu.js";

const define = scaledElu("selu");

/** Options of {@link selu}. */
export interface SeluOptions {
  /** 1.6732632423543772 by default. */
  readonly alpha?: number;
  /** 1.0507009873554805 by default. */
  readonly scale?: number;
}

/**
 * Scaled exponential linear unit: `scale · x` for x > 0 and `scale · alpha · (e^x - 1)` elsewhere. With the default
 * values, mean 0 and variance 1 are a fixed point of a network of such layers.
 *
 * Follows Chainer's `selu`; Klambauer et al., "Self-Normalizing Neural Networks", 2017.
 *
 * @param x - Any shape, floating.
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if `x` is not floating.
 */
export function selu(
  x: VariableLike,
  { alpha = 1.6732632423543772, scale = 1.0507009873554805 }: SeluOptions = {},
): Variable {
  return define(x, alpha, scale);
}
