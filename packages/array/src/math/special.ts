import * as k from "../kernel/ops.js";
import { floatDType, unary, type Unary } from "./ufunc.js";

/** Error function (SciPy's `erf`). */
export const erf: Unary = unary("erf", k.erf, floatDType);
/** `1 - erf(x)`, exact where that is small (SciPy's `erfc`). */
export const erfc: Unary = unary("erfc", k.erfc, floatDType);
/** Inverse of {@link erf}: infinite at ±1, NaN outside (SciPy's `erfinv`). */
export const erfinv: Unary = unary("erfinv", k.erfinv, floatDType);
/** Logarithm of `|Γ(x)|` (SciPy's `gammaln`, Chainer's `lgamma`). */
export const lgamma: Unary = unary("lgamma", k.lgamma, floatDType);
/** Derivative of `log Γ(x)` (SciPy's and Chainer's `digamma`). */
export const digamma: Unary = unary("digamma", k.digamma, floatDType);
