import * as k from "../kernel/ops.js";
import { binary, floatDType, unary, type Binary, type Unary } from "./ufunc.js";

/** `e^x`; integers give float32, as all functions here (NumPy's `exp`). */
export const exp: Unary = unary("exp", k.exp, floatDType);
/** `2^x` (NumPy's `exp2`). */
export const exp2: Unary = unary("exp2", (x) => k.pow(2, x), floatDType);
/** `e^x - 1`, exact near 0 (NumPy's `expm1`). */
export const expm1: Unary = unary("expm1", k.expm1, floatDType);
/** Natural logarithm: -Infinity at 0, NaN below (NumPy's `log`). */
export const log: Unary = unary("log", k.log, floatDType);
/** Logarithm to base 2 (NumPy's `log2`). */
export const log2: Unary = unary("log2", k.log2, floatDType);
/** Logarithm to base 10 (NumPy's `log10`). */
export const log10: Unary = unary("log10", k.log10, floatDType);
/** `log(1 + x)`, exact near 0 (NumPy's `log1p`). */
export const log1p: Unary = unary("log1p", k.log1p, floatDType);
/** Square root; NaN below 0 (NumPy's `sqrt`). */
export const sqrt: Unary = unary("sqrt", k.sqrt, floatDType);
/** Cube root, of negative numbers too (NumPy's `cbrt`). */
export const cbrt: Unary = unary("cbrt", k.cbrt, floatDType);
/** `1 / √x` (Chainer's `rsqrt`). */
export const rsqrt: Unary = unary("rsqrt", (x) => k.div(1, k.sqrt(x)), floatDType);

/** `log(e^x + e^y)` without overflow (NumPy's `logaddexp`). */
export const logaddexp: Binary = binary(
  "logaddexp",
  (x, y) => {
    const spread = k.neg(k.abs(k.sub(x, y)));
    // Equal operands may be infinite: their difference would be NaN.
    return k.where(k.eq(x, y), k.add(x, Math.LN2), k.add(k.max(x, y), k.log1p(k.exp(spread))));
  },
  floatDType,
);

/** `log2(2^x + 2^y)` without overflow (NumPy's `logaddexp2`). */
export const logaddexp2: Binary = binary(
  "logaddexp2",
  (x, y) => {
    const spread = k.neg(k.abs(k.sub(x, y)));
    return k.where(k.eq(x, y), k.add(x, 1), k.add(k.max(x, y), k.mul(k.log1p(k.pow(2, spread)), Math.LOG2E)));
  },
  floatDType,
);
