import * as k from "../kernel/ops.js";
import { toFloating } from "./parts.js";
import { binary, binaryByDType, floatDType, unary, type Binary, type Unary } from "./ufunc.js";

/** Sine of an angle in radians; integers give float32, as all functions here (NumPy's `sin`). */
export const sin: Unary = unary("sin", k.sin, floatDType);
/** Cosine of an angle in radians (NumPy's `cos`). */
export const cos: Unary = unary("cos", k.cos, floatDType);
/** Tangent of an angle in radians (NumPy's `tan`). */
export const tan: Unary = unary("tan", k.tan, floatDType);
/** Angle in [-π/2, π/2] that has this sine; NaN outside [-1, 1] (NumPy's `arcsin`). */
export const arcsin: Unary = unary("arcsin", k.asin, floatDType);
/** Angle in [0, π] that has this cosine; NaN outside [-1, 1] (NumPy's `arccos`). */
export const arccos: Unary = unary("arccos", k.acos, floatDType);
/** Angle in [-π/2, π/2] that has this tangent (NumPy's `arctan`). */
export const arctan: Unary = unary("arctan", k.atan, floatDType);
/** Angle in [-π, π] of the point with ordinate `y` and abscissa `x` (NumPy's `arctan2`). */
export const arctan2: Binary = binary("arctan2", k.atan2, floatDType);
/** Hyperbolic sine (NumPy's `sinh`). */
export const sinh: Unary = unary("sinh", k.sinh, floatDType);
/** Hyperbolic cosine (NumPy's `cosh`). */
export const cosh: Unary = unary("cosh", k.cosh, floatDType);
/** Hyperbolic tangent (NumPy's `tanh`). */
export const tanh: Unary = unary("tanh", k.tanh, floatDType);
/** Inverse of {@link sinh} (NumPy's `arcsinh`). */
export const arcsinh: Unary = unary("arcsinh", k.asinh, floatDType);
/** Inverse of {@link cosh}; NaN below 1 (NumPy's `arccosh`). */
export const arccosh: Unary = unary("arccosh", k.acosh, floatDType);
/** Inverse of {@link tanh}: infinite at ±1, NaN outside (NumPy's `arctanh`). */
export const arctanh: Unary = unary("arctanh", k.atanh, floatDType);

/** Length of the hypotenuse, `√(x² + y²)`, without overflow (NumPy's `hypot`). */
export const hypot: Binary = binaryByDType(
  "hypot",
  (dtype) => (x, y) => {
    const a = k.abs(toFloating(x, dtype));
    const b = k.abs(toFloating(y, dtype));
    const longer = k.max(a, b);
    const ratio = k.div(k.min(a, b), longer);
    const length = k.mul(longer, k.sqrt(k.add(1, k.mul(ratio, ratio))));
    const infinite = k.logicalOr(k.eq(a, Infinity), k.eq(b, Infinity));
    return k.where(infinite, Infinity, k.where(k.eq(longer, 0), longer, length));
  },
  floatDType,
);

/** Radians as degrees (NumPy's `degrees`). */
export const degrees: Unary = unary("degrees", (x) => k.mul(x, 180 / Math.PI), floatDType);
/** The same function as {@link degrees}. */
export const rad2deg: Unary = degrees;
/** Degrees as radians (NumPy's `radians`). */
export const radians: Unary = unary("radians", (x) => k.mul(x, Math.PI / 180), floatDType);
/** The same function as {@link radians}. */
export const deg2rad: Unary = radians;

/** `sin(πx) / πx`, and 1 at 0 (NumPy's `sinc`). */
export const sinc: Unary = unary(
  "sinc",
  (x) => {
    const angle = k.mul(k.where(k.eq(x, 0), 1, x), Math.PI);
    return k.where(k.eq(x, 0), 1, k.div(k.sin(angle), angle));
  },
  floatDType,
);
