import { floatingType, promoteTypes } from "../dtype.js";
import { ValueError } from "../errors.js";
import { clip } from "../math/extrema.js";
import { divide, multiply, subtract } from "../math/arithmetic.js";
import { sqrt } from "../math/exponential.js";
import { matmulInto } from "../linalg/matmul-into.js";
import { astype } from "../manipulation/astype.js";
import { concatenate } from "../manipulation/concatenate.js";
import { reshape } from "../manipulation/reshape.js";
import { transpose } from "../manipulation/transpose.js";
import { compose } from "../math/compose.js";
import type { NdArray } from "../ndarray.js";
import { optionalArray } from "../options.js";
import { checkArray } from "../reductions/reduce.js";
import { mean } from "../reductions/sum.js";
import { formatShape } from "../shape.js";

/** Options of {@link cov} and {@link corrcoef}. */
export interface CorrelationOptions {
  /** Whether variables are rows (the default) or columns. */
  readonly rowvar?: boolean;
}

/** Options of {@link cov}. */
export interface CovOptions extends CorrelationOptions {
  /** Divides by the number of observations instead of one less. */
  readonly bias?: boolean;
  /** Divides by the number of observations minus this; overrides `bias`. */
  readonly ddof?: number | null;
}

/**
 * Covariance matrix of variables, of which `x` (and `y`) holds one a row (NumPy's `cov`). The dtype is `x`'s, float32 for
 * integers.
 *
 * @throws ValueError if `x` has more than two axes.
 */
export function cov(x: NdArray, y?: NdArray | null | CovOptions, options?: CovOptions): NdArray {
  checkArray("cov", x);
  const [other, { rowvar = true, bias = false, ddof = null } = {}] = optionalArray(y, options);
  return compose([x, other], () => {
    const dtype = floatingType(other === null ? x.dtype : promoteTypes(x.dtype, other.dtype));
    const parts = (other === null ? [x] : [x, other]).map((part) => variables(part, rowvar));
    const joined = astype(parts.length === 1 ? (parts[0] as NdArray) : concatenate(parts), dtype, { copy: false });
    const centered = subtract(joined, mean(joined, { axis: 1, keepdims: true }));
    const count = joined.shape[1] as number;
    const product = matmulInto(centered, transpose(centered));
    const result = divide(product, Math.max(count - (ddof ?? (bias ? 0 : 1)), 0));
    const n = result.shape[0] as number;
    return n === 1 ? reshape(result, []) : result;
  });
}

/** Correlation coefficients, {@link cov} divided by both standard deviations (NumPy's `corrcoef`). */
export function corrcoef(x: NdArray, y?: NdArray | null | CorrelationOptions, options?: CorrelationOptions): NdArray {
  const [other, settings] = optionalArray(y, options);
  return compose([x, other], () => {
    const covariance = cov(x, other, settings);
    if (covariance.ndim === 0) return divide(covariance, covariance);
    const n = covariance.shape[0] as number;
    const [row, column] = covariance.strides as [number, number];
    const deviation = sqrt(covariance.view([n], [row + column], covariance.offset));
    const scale = multiply(reshape(deviation, [n, 1]), deviation);
    return clip(divide(covariance, scale), -1, 1);
  });
}

function variables(x: NdArray, rowvar: boolean): NdArray {
  if (x.ndim > 2) throw new ValueError(`cov: expected at most two axes, got shape ${formatShape(x.shape)}`);
  if (x.ndim < 2) return reshape(x, [1, x.size]);
  return rowvar || x.shape[0] === 1 ? x : transpose(x);
}
