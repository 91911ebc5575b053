import { full, random, ValueError, type NdArray } from "@chain/array";
import { ge, mul, where } from "@chain/array/kernel";
import { config } from "../../config.js";
import { expectFloating, expectSameDtype, expectSameShape } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";

const define = elementwiseFunction("rrelu", (x, r) => where(ge(x, 0), x, mul(r, x)));

/** Options of {@link rrelu}. */
export interface RreluOptions {
  /** Lower bound of the slopes, 1/8 by default. */
  readonly l?: number;
  /** Upper bound of the slopes, 1/3 by default. */
  readonly u?: number;
  /** Slopes to use in training instead of random ones, of the shape and dtype of `x`. */
  readonly r?: VariableLike | null;
  /** Whether to return the slopes too. */
  readonly returnR?: boolean;
}

/**
 * Randomized leaky rectified linear unit: `x` for x ≥ 0 and `r · x` below. In training every element draws its slope `r`
 * uniformly from `[l, u)`; in test mode `r` is `(l + u) / 2`.
 *
 * Follows Chainer's `rrelu`; Xu et al., "Empirical Evaluation of Rectified Activations in Convolutional Network", 2015.
 *
 * @param x - Any shape, floating.
 * @returns Shape and dtype of `x`; with `returnR`, the slopes as well.
 * @throws InvalidType if `x` is not floating, or `r` differs from it in shape or dtype.
 */
export function rrelu(x: VariableLike, options: RreluOptions & { readonly returnR: true }): [Variable, NdArray];
export function rrelu(x: VariableLike, options?: RreluOptions & { readonly returnR?: false }): Variable;
export function rrelu(x: VariableLike, options?: RreluOptions): Variable | [Variable, NdArray];
export function rrelu(x: VariableLike, options: RreluOptions = {}): Variable | [Variable, NdArray] {
  const { l = 1 / 8, u = 1 / 3, returnR = false } = options;
  const array = asArray(x);
  const given = options.r === null || options.r === undefined ? null : asArray(options.r);
  expectFloating("rrelu", "x", array);
  if (!(l < u)) throw new ValueError(`rrelu: expected l < u, got l = ${l} and u = ${u}`);
  const { shape, dtype, device } = array;
  if (given !== null) {
    expectSameShape("rrelu", "r", given, "x", array);
    expectSameDtype("rrelu", "r", given, "x", array);
  }
  if (!config.train) {
    const mean = (l + u) / 2;
    return returnR ? [define(x, mean), full(shape, mean, { dtype, device })] : define(x, mean);
  }
  const r = given ?? random.uniform(l, u, shape, { dtype, device });
  const y = define(x, r);
  return returnR ? [y, r] : y;
}
