import { ValueError } from "@chain/array";
import { expectEqual, expectFloating, expectMinNdim, expectNdim, expectSameDtype } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { reshape } from "../array/reshape.js";
import { affine } from "./batch-normalization.js";
import { normalizeRows } from "./normalize-rows.js";

/** Options of {@link groupNormalization}. */
export interface GroupNormalizationOptions {
  /** Added to the variance, above 0; 1e-5 by default. */
  readonly eps?: number;
}

/**
 * Group normalization: divides the channels of every sample into groups, normalizes each of them by its own mean and
 * standard deviation, then multiplies by `gamma` and adds `beta` for each channel.
 *
 * Follows Chainer's `group_normalization`; Wu and He, "Group Normalization", 2018.
 *
 * @param x - Shape `(batch, channels, …)`, floating.
 * @param groups - Number of groups, which divides the channels.
 * @param gamma - Shape `(channels,)`, dtype of `x`.
 * @param beta - As `gamma`.
 * @returns Shape and dtype of `x`.
 * @throws InvalidType if shapes or dtypes do not fit, ValueError if `groups` does not divide the channels or `eps` is not
 * above 0.
 */
export function groupNormalization(
  x: VariableLike,
  groups: number,
  gamma: VariableLike,
  beta: VariableLike,
  { eps = 1e-5 }: GroupNormalizationOptions = {},
): Variable {
  if (!(eps > 0)) throw new ValueError(`groupNormalization: eps must be above 0, got ${eps}`);
  const array = asArray(x);
  expectFloating("groupNormalization", "x", array);
  expectMinNdim("groupNormalization", "x", array, 2);
  const { shape, size } = array;
  const [batch, channels] = shape as readonly [number, number];
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0) {
    throw new ValueError(`groupNormalization: groups must divide the ${channels} channels, got ${groups}`);
  }
  for (const [name, parameter] of Object.entries({ gamma: asArray(gamma), beta: asArray(beta) })) {
    expectSameDtype("groupNormalization", "x", array, name, parameter);
    expectNdim("groupNormalization", name, parameter, 1);
    expectEqual("groupNormalization", `${name}.shape[0]`, parameter.size, "x.shape[1]", channels);
  }
  const rows = batch * groups;
  const normalized = reshape(normalizeRows(reshape(x, [rows, size / Math.max(rows, 1)]), eps), shape);
  const perChannel = [channels, ...shape.slice(2).map(() => 1)];
  return affine(normalized, reshape(gamma, perChannel), reshape(beta, perChannel));
}
