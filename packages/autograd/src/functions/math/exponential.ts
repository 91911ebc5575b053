/** Exponentials and logarithms. */
import * as k from "@chain/array/kernel";
import { elementwiseFunction } from "../elementwise-function.js";

/** e^x. */
export const exp = elementwiseFunction("exp", (x) => k.exp(x));
/** e^x - 1, exact for small x. */
export const expm1 = elementwiseFunction("expm1", (x) => k.expm1(x));
/** Natural logarithm. */
export const log = elementwiseFunction("log", (x) => k.log(x));
/** Logarithm of base 2. */
export const log2 = elementwiseFunction("log2", (x) => k.log2(x));
/** Logarithm of base 10. */
export const log10 = elementwiseFunction("log10", (x) => k.log10(x));
/** log(1 + x), exact for small x. */
export const log1p = elementwiseFunction("log1p", (x) => k.log1p(x));
/** Square root. */
export const sqrt = elementwiseFunction("sqrt", (x) => k.sqrt(x));
/** 1 / √x. */
export const rsqrt = elementwiseFunction("rsqrt", (x) => k.div(1, k.sqrt(x)), {
  gradient: ({ y, gy }) => k.mul(gy, k.mul(-0.5, k.mul(y, k.mul(y, y)))),
});
