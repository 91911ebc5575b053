/**
 * The logarithm of the gamma function and its derivative, written in the kernel language for float32 alone, for backends without
 * float64: within 4 units in the last place where the result is not near a zero.
 */
import type { Expr } from "./expr.js";
import { withSignOf } from "./float-bits.js";
import {
  abs,
  add,
  cast,
  div,
  eq,
  floor,
  ge,
  gt,
  isnan,
  log,
  logicalAnd,
  logicalNot,
  logicalOr,
  lt,
  mul,
  neg,
  polynomial,
  rint,
  sin,
  sub,
  tan,
  where,
} from "./ops.js";
import type { OpName } from "./ops-table.js";

/** lgamma(x) / (x - 2) in powers of x - 2 between 1.5 and 2.5. */
const lgammaCentral = [
  0.422784328, 0.322467029, -0.06735228, 0.0205808003, -0.00738617405, 0.0028907957, -0.00118586014, 0.000506515556,
  -0.000253817008, 0.000113475318,
];

/** x moved to where Stirling's series holds is a product of this many factors at most. */
const stirlingFrom = 8;

/** |sin πx| and tan πx need the fraction alone. */
function fractionOf(x: Expr): Expr {
  return sub(x, rint(x));
}

function lgammaPositive(x: Expr): Expr {
  // Between 2.5 and 8: Γ(x) = (x - 1)(x - 2)… Γ(the rest); below 1.5: Γ(x) = Γ(x + 1) / x.
  let rest = x;
  let product: Expr = cast(1, "float32");
  for (let i = 0; i < stirlingFrom - 2; i++) {
    const large = gt(rest, 2.5);
    const next = sub(rest, 1);
    product = where(large, mul(product, next), product);
    rest = where(large, next, rest);
  }
  let divisor: Expr = cast(1, "float32");
  for (let i = 0; i < 2; i++) {
    const small = lt(rest, 1.5);
    divisor = where(small, mul(divisor, rest), divisor);
    rest = where(small, add(rest, 1), rest);
  }
  const u = sub(rest, 2);
  const near = add(mul(u, polynomial(u, lgammaCentral)), log(div(product, divisor)));
  const inverse = div(1, x);
  const series = mul(inverse, polynomial(mul(inverse, inverse), [1 / 12, -1 / 360, 1 / 1260]));
  const far = add(add(mul(sub(x, 0.5), sub(log(x), 1)), Math.log(2 * Math.PI) / 2 - 0.5), series);
  // 1/x overflows before its logarithm does.
  const tiny = neg(log(x));
  return where(lt(x, 2 ** -30), tiny, where(lt(x, stirlingFrom), near, far));
}

function lgamma(x: Expr): Expr {
  const reflected = lt(x, 0.5);
  const positive = lgammaPositive(where(reflected, sub(1, x), x));
  const sine = abs(sin(mul(fractionOf(x), Math.PI)));
  const value = where(reflected, sub(neg(log(mul(sine, 1 / Math.PI))), positive), positive);
  // Near 0 the reflection loses what little there is.
  const small = where(lt(abs(x), 2 ** -12), sub(mul(x, -0.5772156649), log(abs(x))), value);
  const pole = logicalAnd(logicalNot(gt(x, 0)), eq(floor(x), x));
  return where(isnan(x), x, where(logicalOr(pole, eq(abs(x), Infinity)), Infinity, small));
}

function digammaPositive(x: Expr): Expr {
  let shift: Expr = cast(0, "float32");
  let z = x;
  for (let i = 0; i < 6; i++) {
    const small = lt(z, 6);
    shift = where(small, add(shift, div(1, z)), shift);
    z = where(small, add(z, 1), z);
  }
  const inverse = div(1, z);
  const square = mul(inverse, inverse);
  const series = mul(square, polynomial(square, [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132]));
  return sub(sub(sub(log(z), mul(inverse, 0.5)), series), shift);
}

function digamma(x: Expr): Expr {
  const reflected = lt(x, 0);
  const positive = digammaPositive(where(reflected, sub(1, x), x));
  const tangent = tan(mul(fractionOf(x), Math.PI));
  const value = where(reflected, sub(positive, div(Math.PI, tangent)), positive);
  const pole = logicalOr(eq(x, -Infinity), logicalAnd(reflected, eq(floor(x), x)));
  const atZero = withSignOf(cast(Infinity, "float32"), neg(x));
  return where(isnan(x), x, where(pole, NaN, where(eq(x, 0), atZero, where(ge(x, 1e30), log(x), value))));
}

/** Expansions by operation, for float32. */
export const gammaExpansions: Partial<Record<OpName, (...args: Expr[]) => Expr>> = { lgamma, digamma };
