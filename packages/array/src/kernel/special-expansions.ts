/**
 * Functions that other backends compute in float64, written in the kernel language for float32 alone, within 4 units in
 * the last place (the gamma functions: where the result is not near a zero). Polynomials interpolate at Chebyshev's
 * points; products that have to be exact are made of factors cut to 12 bits (Dekker, 1971).
 */
import type { Expr } from "./expr.js";
import {
  abs,
  add,
  bitAnd,
  bitcast,
  bitOr,
  bitXor,
  cast,
  div,
  eq,
  exp,
  floor,
  ge,
  gt,
  idiv,
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
  sin,
  sqrt,
  sub,
  tan,
  where,
} from "./ops.js";
import type { OpName } from "./ops-table.js";

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

function signOf(x: Expr): Expr {
  return bitAnd(bitcast(x, "int32"), -(2 ** 31));
}

function withSignOf(magnitude: Expr, from: Expr): Expr {
  return bitcast(bitOr(bitcast(magnitude, "int32"), signOf(from)), "float32");
}

function powerOfTwo(n: Expr): Expr {
  return bitcast(shl(add(n, 127), 23), "float32");
}

/** 2/ln 2 in two parts. */
const twoOverLn2: readonly [number, number] = [2.885390043258667, 2 / Math.LN2 - 2.885390043258667];
const atanhTail = [0.333333343, 0.199999988, 0.142858788, 0.110956214, 0.0968280286];
const exp2Tail = [0.693147182, 0.240226507, 0.0555041097, 0.00961805694, 0.0013333502, 0.000154614449, 0.0000152973244];

/** log2(x) for finite x > 0, to about 33 bits. */
function log2Pair(x: Expr): Pair {
  const sqrtHalf = 0x3f3504f3;
  const tiny = lt(x, 2 ** -126);
  const bits = add(bitcast(where(tiny, mul(x, 2 ** 24), x), "int32"), 0x3f800000 - sqrtHalf);
  const exponent = sub(shr(bits, 23), 127);
  const k = cast(where(tiny, sub(exponent, 24), exponent), "float32");
  const f = sub(bitcast(add(bitAnd(bits, 0x7fffff), sqrtHalf), "float32"), 1);
  // s = f / (2 + f) in two parts; log2(1 + f) = 2/ln 2 · (s + s³/3 + s⁵/5 + …).
  const divisor = exactSum(cast(2, "float32"), f);
  const s = div(f, divisor.high);
  const back = exactProduct(s, divisor.high);
  const sLow = div(sub(sub(sub(f, back.high), back.low), mul(s, divisor.low)), divisor.high);
  const z = mul(s, s);
  const tail = mul(mul(mul(s, z), polynomial(z, atanhTail)), twoOverLn2[0]);
  const main = exactProduct(s, cast(twoOverLn2[0], "float32"));
  const mainLow = add(add(main.low, mul(s, twoOverLn2[1])), mul(sLow, twoOverLn2[0]));
  const sum = exactSum(k, main.high);
  return exactSum(sum.high, add(add(sum.low, mainLow), tail));
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

function pow(a: Expr, b: Expr): Expr {
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
  // A third of the exponent to begin with, then Halley's method.
  let y: Expr = bitcast(add(idiv(bitcast(scaled, "int32"), 3), 709_921_077), "float32");
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
export const specialExpansions: Partial<Record<OpName, (...args: Expr[]) => Expr>> = {
  pow,
  cbrt,
  erfc,
  erfinv,
  lgamma,
  digamma,
};
