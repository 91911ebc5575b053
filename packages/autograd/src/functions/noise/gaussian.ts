import { random, type NdArray } from "@chain/array";
import { add, exp, mul } from "@chain/array/kernel";
import { expectFloating, expectSameDtype, expectSameShape } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { isLeftOut } from "../left-out.js";

const define = elementwiseFunction("gaussian", (mean, lnVar, eps) => add(mean, mul(exp(mul(0.5, lnVar)), eps)));

/** Options of {@link gaussian}. */
export interface GaussianOptions {
  /** Standard normal numbers to use instead of random ones. May also stand in its place as an argument. */
  readonly eps?: VariableLike | null;
  /** Whether to return these numbers too. */
  readonly returnEps?: boolean;
}

/** What {@link gaussian} returns with `returnEps`. */
export type GaussianWithEps = [y: Variable, eps: NdArray];

/**
 * A sample of normal distributions that can be differentiated by their parameters: `mean + e^(lnVar / 2) · eps` with
 * standard normal `eps`.
 *
 * Follows Chainer's `gaussian`; Kingma and Welling, "Auto-Encoding Variational Bayes", 2013.
 *
 * @param mean - Any shape, floating.
 * @param lnVar - Logarithms of the variances, shape and dtype of `mean`.
 * @param eps - Shape and dtype of `mean`, or null for random numbers.
 * @returns Shape and dtype of `mean`; with `returnEps`, `eps` as well.
 * @throws InvalidType if shapes or dtypes differ, or dtypes are not floating.
 */
export function gaussian(
  mean: VariableLike,
  lnVar: VariableLike,
  options: GaussianOptions & { readonly returnEps: true },
): GaussianWithEps;
export function gaussian(
  mean: VariableLike,
  lnVar: VariableLike,
  options?: GaussianOptions & { readonly returnEps?: false },
): Variable;
export function gaussian(
  mean: VariableLike,
  lnVar: VariableLike,
  eps: VariableLike | null,
  options: GaussianOptions & { readonly returnEps: true },
): GaussianWithEps;
export function gaussian(
  mean: VariableLike,
  lnVar: VariableLike,
  eps: VariableLike | null,
  options?: GaussianOptions & { readonly returnEps?: false },
): Variable;
export function gaussian(
  mean: VariableLike,
  lnVar: VariableLike,
  options?: GaussianOptions,
): Variable | GaussianWithEps;
export function gaussian(
  mean: VariableLike,
  lnVar: VariableLike,
  epsOrOptions: VariableLike | GaussianOptions | null = null,
  more: GaussianOptions = {},
): Variable | GaussianWithEps {
  const options = isLeftOut(epsOrOptions) ? epsOrOptions : more;
  const given = (isLeftOut(epsOrOptions) ? null : epsOrOptions) ?? options.eps ?? null;
  const array = asArray(mean);
  const { shape, dtype, device } = array;
  expectFloating("gaussian", "mean", array);
  expectSameDtype("gaussian", "mean", array, "lnVar", asArray(lnVar));
  expectSameShape("gaussian", "mean", array, "lnVar", asArray(lnVar));
  const eps = given === null ? random.normal(0, 1, shape, { dtype, device }) : asArray(given);
  expectSameDtype("gaussian", "mean", array, "eps", eps);
  expectSameShape("gaussian", "mean", array, "eps", eps);
  const y = define(mean, lnVar, eps);
  return options.returnEps === true ? [y, eps] : y;
}
