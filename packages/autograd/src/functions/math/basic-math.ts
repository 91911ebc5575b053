/** The operators: arithmetic on arrays that broadcast (Chainer's `basic_math`). */
import {
  abs as absOf,
  add as sumOf,
  div as quotientOf,
  eq,
  fmod,
  lt,
  mul as productOf,
  ne,
  neg as negativeOf,
  pow as powerOf,
  rint,
  sub as differenceOf,
  where,
  logicalAnd,
} from "@chain/array/kernel";
import { asVariable, type Variable, type VariableLike } from "../../variable.js";
import { elementwiseFunction, type FunctionOperand } from "../elementwise-function.js";

const add2 = elementwiseFunction("add", (a, b) => sumOf(a, b), { dtypes: "same" });
const add3 = elementwiseFunction("add", (a, b, c) => sumOf(sumOf(a, b), c), { dtypes: "same" });
const add4 = elementwiseFunction("add", (a, b, c, d) => sumOf(sumOf(a, b), sumOf(c, d)), { dtypes: "same" });

/** Sum of all arguments, two or more; they broadcast (Chainer's `add` and `+`). */
export function add(x: FunctionOperand, y: FunctionOperand, ...more: FunctionOperand[]): Variable {
  if (more.length === 0) return add2(x, y);
  const [z, w] = more as [FunctionOperand, FunctionOperand | undefined];
  if (w === undefined) return add3(x, y, z);
  const sum = add4(x, y, z, w);
  const [next, ...rest] = more.slice(2);
  return next === undefined ? sum : add(sum, next, ...rest);
}

/** Difference; operands broadcast (`-`). */
export const sub = elementwiseFunction("sub", (a, b) => differenceOf(a, b), { dtypes: "same" });

/** Product; operands broadcast (`*`). */
export const mul = elementwiseFunction("mul", (a, b) => productOf(a, b), { dtypes: "same" });

/** Quotient; operands broadcast (`/`). Floating dtypes only. */
export const div = elementwiseFunction("div", (a, b) => quotientOf(a, b));

/** The negative (`-x`). */
export const neg = elementwiseFunction("neg", (x) => negativeOf(x), { dtypes: "same" });

/** Absolute value; its gradient at 0 is 0 (Chainer's `absolute`). */
export const absolute = elementwiseFunction("absolute", (x) => absOf(x), { dtypes: "same" });

/** x², with a gradient that needs no power. */
export const square = elementwiseFunction("square", (x) => productOf(x, x));

const cube = elementwiseFunction("pow", (x) => productOf(productOf(x, x), x));
const reciprocal = elementwiseFunction("pow", (x) => quotientOf(1, x));
const power = elementwiseFunction("pow", (a, b) => powerOf(a, b));

/** `x` to the power of `y`; operands broadcast (`**`). Small whole exponents are computed by multiplication. */
export function pow(x: FunctionOperand, y: FunctionOperand): Variable {
  if (typeof x !== "number") {
    if (y === 1) return asVariable(x);
    if (y === 2) return square(x);
    if (y === 3) return cube(x);
    if (y === -1) return reciprocal(x);
  }
  return power(x, y);
}

/** Quotient rounded down, with NumPy's signs; operands broadcast (`//`). It has no gradient. */
export const floordiv = elementwiseFunction(
  "floordiv",
  (a, b) => {
    const rest = fmod(a, b);
    const quotient = quotientOf(differenceOf(a, rest), b);
    const below = logicalAnd(ne(rest, 0), ne(lt(rest, 0), lt(b, 0)));
    return where(eq(b, 0), quotientOf(a, b), rint(where(below, differenceOf(quotient, 1), quotient)));
  },
  { gradient: () => [null, null] },
);

/** Sum of arrays in a list. */
export function addAll(xs: readonly [VariableLike, ...VariableLike[]]): Variable {
  const [x, y, ...more] = xs;
  return y === undefined ? asVariable(x) : add(x, y, ...more);
}
