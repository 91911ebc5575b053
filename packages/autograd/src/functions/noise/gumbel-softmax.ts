import { random, ValueError } from "@chain/array";
import { add, div } from "@chain/array/kernel";
import { expectAxis, expectFloating } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { softmax } from "../activation/softmax.js";
import { elementwiseFunction } from "../elementwise-function.js";

const noisyScores = elementwiseFunction("gumbelSoftmax", (logPi, noise, tau) => div(add(logPi, noise), tau));

/** Options of {@link gumbelSoftmax}. */
export interface GumbelSoftmaxOptions {
  /** Temperature, above 0; the lower, the nearer to samples that are all 0 but for one 1. 0.1 by default. */
  readonly tau?: number;
  /** The axis of the classes, 1 by default. */
  readonly axis?: number;
}

/**
 * A sample of categorical distributions that can be differentiated by their parameters: softmax of the logarithms of the
 * probabilities plus Gumbel noise, divided by the temperature.
 *
 * Follows Chainer's `gumbel_softmax`; Jang et al., "Categorical Reparameterization with Gumbel-Softmax", 2016.
 *
 * @param logPi - Logarithms of the probabilities (or any scores), any shape that has `axis`, floating.
 * @returns Shape and dtype of `logPi`.
 * @throws InvalidType if `logPi` is not floating or has no such axis, ValueError if `tau` is not above 0.
 */
export function gumbelSoftmax(logPi: VariableLike, { tau = 0.1, axis = 1 }: GumbelSoftmaxOptions = {}): Variable {
  if (!(tau > 0)) throw new ValueError(`gumbelSoftmax: tau must be above 0, got ${tau}`);
  const array = asArray(logPi);
  expectFloating("gumbelSoftmax", "logPi", array);
  expectAxis("gumbelSoftmax", "axis", axis, array.ndim);
  const { shape, dtype, device } = array;
  return softmax(noisyScores(logPi, random.gumbel(0, 1, shape, { dtype, device }), tau), { axis });
}
