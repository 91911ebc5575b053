import { ValueError } from "@chain/array";
import { expectEqual, expectFloating, expectNdim, expectSameDtype } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { affine } from "./batch-normalization.js";
import { normalizeRows } from "./normalize-rows.js";

/** Options of {@link layerNormalization}. */
export interface LayerNormalizationOptions {
  /** Added to the variance, above 0; 1e-5 by default. */
  readonly eps?: number;
}

/**
 * Layer normalization: every row less its mean, divided by its standard deviation, times `gamma`, plus `beta`.
 *
 * Follows Chainer's `layer_normalization`; Ba et al., "Layer Normalization", 2016.
 *
 * @param x - Shape `(batch, size)`, floating.
 * @param gamma - Shape `(size,)`, dtype of `x`.
 * @param beta - As `gamma`.
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError if `eps` is not above 0.
 */
export function layerNormalization(
  x: VariableLike,
  gamma: VariableLike,
  beta: VariableLike,
  { eps = 1e-5 }: LayerNormalizationOptions = {},
): Variable {
  if (!(eps > 0)) throw new ValueError(`layerNormalization: eps must be above 0, got ${eps}`);
  const array = asArray(x);
  expectFloating("layerNormalization", "x", array);
  expectNdim("layerNormalization", "x", array, 2);
  for (const [name, parameter] of Object.entries({ gamma: asArray(gamma), beta: asArray(beta) })) {
    expectSameDtype("layerNormalization", "x", array, name, parameter);
    expectNdim("layerNormalization", name, parameter, 1);
    expectEqual("layerNormalization", `${name}.shape[0]`, parameter.size, "x.shape[1]", array.shape[1] as number);
  }
  return affine(normalizeRows(x, eps), gamma, beta);
}
