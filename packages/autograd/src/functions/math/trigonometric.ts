/** Trigonometric and hyperbolic functions; angles are in radians. */
import * as k from "@chain/array/kernel";
import { elementwiseFunction } from "../elementwise-function.js";

/** Sine. */
export const sin = elementwiseFunction("sin", (x) => k.sin(x));
/** Cosine. */
export const cos = elementwiseFunction("cos", (x) => k.cos(x));
/** Tangent. */
export const tan = elementwiseFunction("tan", (x) => k.tan(x));
/** Inverse of the sine, in [-π/2, π/2]. */
export const arcsin = elementwiseFunction("arcsin", (x) => k.asin(x));
/** Inverse of the cosine, in [0, π]. */
export const arccos = elementwiseFunction("arccos", (x) => k.acos(x));
/** Inverse of the tangent, in [-π/2, π/2]. */
export const arctan = elementwiseFunction("arctan", (x) => k.atan(x));
/** The angle of the point (x2, x1), in [-π, π]. */
export const arctan2 = elementwiseFunction("arctan2", (x1, x2) => k.atan2(x1, x2));
/** Hyperbolic sine. */
export const sinh = elementwiseFunction("sinh", (x) => k.sinh(x));
/** Hyperbolic cosine. */
export const cosh = elementwiseFunction("cosh", (x) => k.cosh(x));
/** Inverse of the hyperbolic tangent. */
export const arctanh = elementwiseFunction("arctanh", (x) => k.atanh(x));
