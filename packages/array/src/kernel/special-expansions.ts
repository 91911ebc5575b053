/**
 * Powers, cube roots and error functions, written in the kernel language for float32 alone, within 4 units in the last place
 * (powers within 2). Polynomials interpolate at Chebyshev's points; products that have to be exact are made of factors cut to
 * 12 bits (Dekker, 1971).
 */
import type { Expr } from "./expr.js";
import { powerOfTwo, signOf, withSignOf } from "./float-bits.js";
import {
  abs,
  add,
  bitAnd,
  bitcast,
  bitXor,
  cast,
  div,
  eq,
  exp,
  floor,
  ge,
  gt,
  isnan,
  log,
  logicalAnd,
  logicalNot,
  logicalOr,
  lt,
  max,
  min,
  mul,
  ne,
  neg,
  polynomial,
  rint,
  shl,
  shr,
  sqrt,
  sub,
  where,
} from "./ops.js";
import { fused } from "./fused.js";
import type { OpName } from "./ops-table.js";
import { rarely } from "./rarely.js";

/** A number as the sum of two float32. */
interface Pair {
  readonly high: Expr;
  readonly low: Expr;
}

/** A number cut to its 12 leading bits, so that products of two such are exact, and the rest. */
function split(x: Expr): Pair {
  const high = bitcast(bitAnd(bitcast(x, "int32"), -4096), "float32");
  return { high, low: sub(x, high) };
}

/** a·b exactly. */
function exactProduct(a: Expr, b: Expr): Pair {
  const [p, q, product] = [split(a), split(b), mul(a, b)];
  const cross = add(sub(mul(p.high, q.high), product), add(mul(p.high, q.low), mul(p.low, q.high)));
  return { high: product, low: add(cross, mul(p.low, q.low)) };
}

/** a + b exactly, where |a| ≥ |b| or a is 0. */
function exactSum(a: Expr, b: Expr): Pair {
  const sum = add(a, b);
  return { high: sum, low: sub(b, sub(sum, a)) };
}

/** 2/ln 2 in two parts. */
const twoOverLn2: readonly [number, number] = [2.885390043258667, 2 / Math.LN2 - 2.885390043258667];
/** 1/3 in two parts. */
const third: readonly [number, number] = [0.3333333432674408, 1 / 3 - 0.3333333432674408];
const atanhTail = [0.199999988, 0.142858788, 0.110956214, 0.0968280286];
const exp2Tail = [0.693147182, 0.240226507, 0.0555041097, 0.00961805694, 0.0013333502, 0.000154614449, 0.0000152973244];

/** log2(x) for finite x > 0, to about 2⁻³³. */
function log2Pair(x: Expr): Pair {
  const tiny = lt(x, 2 ** -126);
  return log2PairNormal(where(tiny, mul(x, 2 ** 24), x), (exponent) => where(tiny, sub(exponent, 24), exponent));
}

/** The same for normal x > 0, with what `corrected` makes of the exponent. */
function log2PairNormal(x: Expr, corrected: (exponent: Expr) => Expr = (exponent) => exponent): Pair {
  const sqrtHalf = 0x3f3504f3;
  const bits = add(bitcast(x, "int32"), 0x3f800000 - sqrtHalf);
  const k = cast(corrected(sub(shr(bits, 23), 127)), "float32");
  const f = sub(bitcast(add(bitAnd(bits, 0x7fffff), sqrtHalf), "float32"), 1);
  // log2(1 + f) = 2/ln 2 · (s + s³/3 + s⁵/5 + …) of s = f / (2 + f): s and the first two terms in two parts.
  const divisor = exactSum(cast(2, "float32"), f);
  const s = div(f, divisor.high);
  const back = exactProduct(s, divisor.high);
  const sLow = div(sub(sub(sub(f, back.high), back.low), mul(s, divisor.low)), divisor.high);
  const square = exactProduct(s, s);
  const z = square.high;
  const main = exactProduct(s, cast(twoOverLn2[0], "float32"));
  const mainLow = add(add(main.low, mul(s, twoOverLn2[1])), mul(sLow, add(mul(z, twoOverLn2[0]), twoOverLn2[0])));
  const cube = exactProduct(main.high, z);
  const second = exactProduct(cube.high, cast(third[0], "float32"));
  const cubeLow = add(cube.low, mul(main.high, square.low));
  const secondLow = add(add(second.low, mul(cube.high, third[1])), mul(cubeLow, third[0]));
  const tail = mul(cube.high, mul(z, polynomial(z, atanhTail)));
  const whole = exactSum(k, main.high);
  const sum = exactSum(whole.high, second.high);
  return exactSum(sum.high, add(add(add(whole.low, sum.low), add(mainLow, secondLow)), tail));
}

/** 2^(high + low). */
function exp2Pair({ high, low }: Pair): Expr {
  const bounded = max(min(high, 200), -200);
  const rest = where(lt(abs(high), 200), low, 0);
  const n = rint(bounded);
  const r = add(sub(bounded, n), rest);
  const whole = cast(n, "int32");
  const half = shr(whole, 1);
  return mul(mul(add(mul(r, polynomial(r, exp2Tail)), 1), powerOfTwo(half)), powerOfTwo(sub(whole, half)));
}

/** 2^(high + low) where that is a normal number. */
function exp2PairNormal({ high, low }: Pair): Expr {
  // Rounds to a whole number n, and leaves n + 127 in the low bits.
  const rounder = 1.5 * 2 ** 23 + 127;
  const shifted = add(high, rounder);
  const r = add(sub(high, sub(shifted, rounder)), low);
  const scale = bitcast(shl(bitcast(shifted, "int32"), 23), "float32");
  return mul(fused(add(mul(r, polynomial(r, exp2Tail)), 1)), scale);
}

function pow(a: Expr, b: Expr): Expr {
  const logarithm = log2PairNormal(a);
  const product = exactProduct(b, logarithm.high);
  const usual = logicalAnd(logicalAnd(ge(a, 2 ** -126), lt(a, Infinity)), lt(abs(product.high), 125));
  const regular = exp2PairNormal({ high: product.high, low: add(product.low, mul(b, logarithm.low)) });
  return rarely(logicalNot(usual), powAnywhere(a, b), regular);
}

/** a^b of any numbers. */
function powAnywhere(a: Expr, b: Expr): Expr {
  const x = abs(a);
  const logarithm = log2Pair(x);
  const product = exactProduct(b, logarithm.high);
  const regular = exp2Pair({ high: product.high, low: add(product.low, mul(b, logarithm.low)) });
  const endless = eq(abs(b), Infinity);
  const grows = where(endless, eq(gt(x, 1), gt(b, 0)), eq(eq(x, 0), lt(b, 0)));
  const extreme = logicalOr(endless, logicalOr(eq(x, 0), eq(x, Infinity)));
  const magnitude = where(eq(x, 1), 1, where(extreme, where(grows, Infinity, 0), regular));
  const whole = eq(floor(b), b);
  const odd = logicalAnd(
    logicalAnd(whole, lt(abs(b), 2 ** 24)),
    ne(bitAnd(cast(max(min(b, 2 ** 24), -(2 ** 24)), "int32"), 1), 0),
  );
  const sign = where(odd, signOf(a), 0);
  const signed = bitcast(bitXor(bitcast(magnitude, "int32"), sign), "float32");
  const undefinedRoot = logicalAnd(logicalAnd(lt(a, 0), logicalNot(whole)), logicalNot(extreme));
  const either = logicalOr(isnan(a), isnan(b));
  return where(logicalOr(eq(a, 1), eq(b, 0)), 1, where(logicalOr(either, undefinedRoot), NaN, signed));
}

function cbrt(x: Expr): Expr {
  const a = abs(x);
  const tiny = lt(a, 2 ** -100);
  const huge = gt(a, 2 ** 100);
  const scaled = where(tiny, mul(a, 2 ** 72), where(huge, mul(a, 2 ** -72), a));
  // About a third of the exponent to begin with, then Halley's method.
  const bits = cast(bitcast(scaled, "int32"), "float32");
  let y: Expr = bitcast(add(cast(mul(bits, 1 / 3), "int32"), 709_921_077), "float32");
  for (let i = 0; i < 2; i++) {
    const cube = mul(mul(y, y), y);
    y = mul(y, div(add(cube, add(scaled, scaled)), add(add(cube, cube), scaled)));
  }
  // One step of Newton's, small enough that its own rounding does not matter.
  const square = mul(y, y);
  y = sub(y, div(sub(mul(square, y), scaled), mul(square, 3)));
  const root = where(tiny, mul(y, 2 ** -24), where(huge, mul(y, 2 ** 24), y));
  return where(logicalOr(eq(a, 0), logicalNot(lt(a, Infinity))), x, withSignOf(root, x));
}

/** e^(x²)·erfc(x) from ½ to 1½ in powers of x - 1, from there to 4 in powers of x - 2½; beyond, x times it in 1/x². */
const erfcNear = [
  0.427583575, -0.273211956, 0.154371545, -0.0792299509, 0.0375733376, -0.0166191496, 0.0069552511, -0.00299375691,
  0.00112866529,
];
const erfcMiddle = [
  0.21080637, -0.0743473396, 0.0249379277, -0.00800168701, 0.00246752612, -0.000733314839, 0.00020977846,
  -0.0000588601215, 0.0000172283708, -0.00000468108601, 7.07509116e-7,
];
const erfcFar = [0.564189553, -0.282090813, 0.42270726, -1.03492498, 3.05590892, -6.52946138];
const erfSmall = [1.12837911, -0.37612626, 0.112836003, -0.0268544443, 0.00518953567, -0.000802084222, 0.0000788912294];

function erfc(x: Expr): Expr {
  const a = abs(x);
  const bounded = min(a, 20);
  const { high, low } = split(bounded);
  // e^(-x²) from an exact square and a small rest.
  const rest = mul(low, add(bounded, high));
  const main = exp(neg(mul(high, high)));
  const power = add(main, mul(main, mul(neg(rest), polynomial(rest, [1, -1 / 2, 1 / 6, -1 / 24]))));
  const inverse = div(1, bounded);
  const scaled = where(
    lt(a, 1.5),
    polynomial(sub(bounded, 1), erfcNear),
    where(
      lt(a, 4),
      polynomial(sub(bounded, 2.5), erfcMiddle),
      mul(inverse, polynomial(mul(inverse, inverse), erfcFar)),
    ),
  );
  const far = mul(power, scaled);
  const z = mul(x, x);
  const near = sub(1, mul(x, polynomial(z, erfSmall)));
  return where(isnan(x), x, where(lt(a, 0.5), near, where(lt(x, 0), sub(2, far), far)));
}

/** erfinv(y) / y in powers of w - 2.5, where w = -log(1 - y²) ≤ 5. */
const erfinvCentral = [
  1.50140941, 0.24664028, -0.00417739293, -0.00125272642, 0.000218349393, -0.0000049724199, -0.00000346398519,
  4.68131361e-7, 2.3335966e-8, -8.93192631e-9,
];
/** The same in powers of √w - 3 for larger w. */
const erfinvTail = [
  2.83297682, 1.00167489, 0.00944513176, -0.00763681903, 0.00568805821, -0.00359928072, 0.00148269068, -0.0000537265696,
  -0.000307913288, 0.000113908172,
];

function erfinv(y: Expr): Expr {
  const a = abs(y);
  const w = neg(log(mul(sub(1, a), add(1, a))));
  const central = polynomial(sub(w, 2.5), erfinvCentral);
  const tail = polynomial(sub(sqrt(max(w, 5)), 3), erfinvTail);
  const value = mul(y, where(lt(w, 5), central, tail));
  return where(lt(a, 1), value, where(eq(a, 1), withSignOf(cast(Infinity, "float32"), y), NaN));
}

/** Expansions by operation, for float32. */
export const specialExpansions: Partial<Record<OpName, (...args: Expr[]) => Expr>> = {
  pow,
  cbrt,
  erfc,
  erfinv,
};
