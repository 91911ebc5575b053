import { random } from "@chain/array";
import { add, mul, sub } from "@chain/array/kernel";
import { config } from "../../config.js";
import { expectFloating, expectSameDtype, expectSameShape } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { where } from "../array/where.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { checkRatio } from "./ratio.js";

const expectation = elementwiseFunction("zoneout", (h, x, ratio) => add(mul(ratio, h), mul(sub(1, ratio), x)));

/** Options of {@link zoneout}. */
export interface ZoneoutOptions {
  /** The probability with which an element keeps its old value, 0.5 by default. */
  readonly ratio?: number;
}

/**
 * Zoneout: in training, elements keep their old value `h` at random instead of the new one `x`; in test mode, the
 * expected value of that.
 *
 * Follows Chainer's `zoneout`; Krueger et al., "Zoneout: Regularizing RNNs by Randomly Preserving Hidden Activations",
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
  if (!config.train) return expectation(h, x, ratio);
  return where(random.bernoulli(ratio, before.shape, { device: before.device }), h, x);
}
