import { random } from "@chain/array";
import { config } from "../../config.js";
import { expectFloating, expectSameDtype, expectSameShape } from "../../type-check.js";
import { asArray, asVariable, type Variable, type VariableLike } from "../../variable.js";
import { where } from "../array/where.js";
import { checkRatio } from "./ratio.js";

/** Options of {@link zoneout}. */
export interface ZoneoutOptions {
  /** The probability with which an element keeps its old value, 0.5 by default. */
  readonly ratio?: number;
}

/**
 * Zoneout: in training, elements keep their old value `h` at random instead of the new one `x`; in test mode, all
 * are new.
 *
 * Follows Chainer's `zoneout`, in test mode too (the paper takes the expected value there); Krueger et al., "Zoneout: Regularizing RNNs by Randomly Preserving Hidden Activations",
 * 2016.
 *
 * @param h - Old values, any shape, floating.
 * @param x - New values, shape and dtype of `h`.
 * @returns Shape and dtype of `h`.
 * @throws ValueError unless 0 ≤ ratio < 1, InvalidType if shapes or dtypes differ, or dtypes are not floating.
 */
export function zoneout(h: VariableLike, x: VariableLike, { ratio = 0.5 }: ZoneoutOptions = {}): Variable {
  checkRatio("zoneout", ratio);
  const [before, after] = [asArray(h), asArray(x)];
  expectFloating("zoneout", "h", before);
  expectSameDtype("zoneout", "h", before, "x", after);
  expectSameShape("zoneout", "h", before, "x", after);
  if (!config.train) return asVariable(x);
  return where(random.bernoulli(ratio, before.shape, { device: before.device }), h, x);
}
