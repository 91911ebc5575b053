import { floatingType, promoteTypes } from "../dtype.js";
import { ValueError } from "../errors.js";
import { divide, multiply } from "../math/arithmetic.js";
import { astype } from "../manipulation/astype.js";
import { broadcastTo } from "../manipulation/broadcast-to.js";
import { reshape } from "../manipulation/reshape.js";
import { compose } from "../math/compose.js";
import type { NdArray } from "../ndarray.js";
import { optionalArray } from "../options.js";
import { checkArray, wideType, type ReductionOptions } from "../reductions/reduce.js";
import { mean, sum } from "../reductions/sum.js";
import { formatShape, normalizeAxis, sameShape } from "../shape.js";

/** Options of {@link average}. */
export type AverageOptions = Omit<ReductionOptions, "out">;

/**
 * Weighted mean, `Σ w·x / Σ w` (NumPy's `average`). Weights have `x`'s shape, or are 1-d and lie along `axis`; without
 * them it is the mean.
 *
 * @throws ValueError if weights fit neither way.
 */
export function average(x: NdArray, weights?: NdArray | null | AverageOptions, options?: AverageOptions): NdArray {
  checkArray("average", x);
  const [weighting, settings = {}] = optionalArray(weights, options);
  if (weighting === null) return mean(x, settings);
  return compose([x, weighting], () => {
    const spread = spreadWeights(x, weighting, settings.axis);
    const dtype = floatingType(promoteTypes(x.dtype, weighting.dtype));
    const wide = wideType(dtype);
    const total = sum(multiply(x, spread, { dtype: wide }), settings);
    return astype(divide(total, sum(spread, { ...settings, dtype: wide })), dtype, { copy: false });
  });
}

function spreadWeights(x: NdArray, weights: NdArray, axis: AverageOptions["axis"]): NdArray {
  if (sameShape(x.shape, weights.shape)) return weights;
  if (weights.ndim === 1 && typeof axis === "number") {
    const along = normalizeAxis(axis, x.ndim);
    if (x.shape[along] === weights.size) {
      const shape = x.shape.map((_, i) => (i === along ? weights.size : 1));
      return broadcastTo(reshape(weights, shape), x.shape);
    }
  }
  throw new ValueError(
    `average: weights of shape ${formatShape(weights.shape)} fit neither ${formatShape(x.shape)} nor one axis of it; give axis for 1-d weights`,
  );
}
