/**
 * Elementary functions written in the kernel language itself, for generators that have no instruction for them.
 *
 * All are for float32 and within 4 units in the last place over the whole range, subnormals included. Polynomials are
 * minimax fits on the reduced interval; range reductions are the usual ones (Cody and Waite, Muller: "Elementary
 * Functions"). Operations without an entry here (the gamma function, …) need more than
 * float32 carries and stay with the generator's reference implementation.
 */
import type { Expr, ExprLike } from "./expr.js";
import { fromBits, powerOfTwo, withSignOf } from "./float-bits.js";
import {
  abs,
  add,
  bitAnd,
  bitcast,
  cast,
  div,
  eq,
  ge,
  gt,
  logicalAnd,
  logicalNot,
  lt,
  max,
  min,
  mul,
  ne,
  polynomial,
  rint,
  shl,
  shr,
  sqrt,
  sub,
  where,
} from "./ops.js";
import type { OpName } from "./ops-table.js";
import type { ComputeType } from "./program.js";
import { fused } from "./fused.js";
import { rarely } from "./rarely.js";
import { specialExpansions } from "./special-expansions.js";
import { cos, sin, tan } from "./trigonometric.js";

type Expansion = (...args: Expr[]) => Expr;

/** ln 2 in two parts; the first has few enough bits that its product with any exponent is exact. */
const ln2High = 0.693359375;
const ln2Low = -2.1219444005469057e-4;

/** x = n ln 2 + r with |r| ≤ ln 2 / 2. */
function reduceExponent(x: Expr): { n: Expr; r: Expr } {
  const n = rint(mul(x, Math.LOG2E));
  const r = sub(sub(x, mul(n, ln2High)), mul(n, ln2Low));
  return { n: cast(n, "int32"), r };
}

/** e^r - 1 for a reduced argument. */
function expm1Reduced(r: Expr): Expr {
  const p = polynomial(r, [0.49999997, 0.166666672, 0.0416668802, 0.00833328441, 0.00139107415, 0.000199087895]);
  return fused(add(mul(mul(r, r), p), r));
}

/** Added to a number, it rounds it to a whole number n, and leaves n + 127 in the low bits: the exponent of 2^n. */
const rounder = 1.5 * 2 ** 23 + 127;

/** x = n ln 2 + r with |r| ≤ ln 2 / 2, and 2^n, where that is a normal number: |x| ≤ 87. */
function reduceNormal(x: Expr): { r: Expr; scale: Expr } {
  const shifted = fused(add(mul(x, Math.LOG2E), rounder));
  const n = sub(shifted, rounder);
  const r = fused(sub(fused(sub(x, mul(n, ln2High))), mul(n, ln2Low)));
  return { r, scale: fromBits(shl(bitcast(shifted, "int32"), 23)) };
}

/** e^x for |x| ≤ 87. */
function expNormal(x: Expr): Expr {
  const { r, scale } = reduceNormal(x);
  return mul(expReduced(r), scale);
}

/** e^r for a reduced argument. */
function expReduced(r: Expr): Expr {
  const p = polynomial(r, [0.49999994, 0.166665211, 0.0416682661, 0.00836867839, 0.00138207595]);
  return add(fused(add(mul(mul(r, r), p), r)), 1);
}

/** e^x of any x, where it may be subnormal, 0 or infinite. */
function expAnywhere(x: Expr): Expr {
  // Outside these bounds the result is 0 or infinite; the scaling below gets there by itself.
  const { n, r } = reduceExponent(max(min(x, 89), -104));
  const half = shr(n, 1);
  // In two steps, since 2^n itself may be subnormal or infinite where the result is not.
  return mul(mul(expReduced(r), powerOfTwo(half)), powerOfTwo(sub(n, half)));
}

function exp(x: Expr): Expr {
  return rarely(gt(abs(x), 87), expAnywhere(x), expNormal(x));
}

/** e^x - 1 for |x| ≤ 87; of -0 it is 0. */
function expm1Normal(x: Expr): Expr {
  const { r, scale } = reduceNormal(x);
  return fused(add(mul(scale, expm1Reduced(r)), sub(scale, 1)));
}

function expm1(x: Expr): Expr {
  const far = where(gt(x, 0), expAnywhere(x), -1);
  return rarely(gt(abs(x), 87), far, where(eq(x, 0), x, expm1Normal(x)));
}

/** x = 2^k (1 + f) with 1 + f between √½ and √2, for normal x > 0. */
function splitLogarithm(x: Expr): { k: Expr; f: Expr } {
  const sqrtHalf = 0x3f3504f3;
  const bits = add(bitcast(x, "int32"), 0x3f800000 - sqrtHalf);
  const k = sub(shr(bits, 23), 127);
  const f = sub(fromBits(add(bitAnd(bits, 0x7fffff), sqrtHalf)), 1);
  return { k, f };
}

/** log(1 + f) - f + f²/2, where s = f / (2 + f). */
function logTail(f: Expr, halfSquare: Expr): Expr {
  const s = div(f, add(f, 2));
  const z = mul(s, s);
  const r = mul(z, polynomial(z, [0.666666687, 0.400001228, 0.285507232, 0.233327642]));
  return mul(s, add(halfSquare, r));
}

/** A logarithm in terms of k and f, for x = 2^k (1 + f). */
type Logarithm = (k: Expr, f: Expr) => Expr;

/** A logarithm of normal positive numbers. */
function logarithmNormal(x: Expr, of: Logarithm): Expr {
  const { k, f } = splitLogarithm(x);
  return of(cast(k, "float32"), f);
}

/** The same of zero, negative, infinite, NaN and subnormal ones. */
function logarithmElsewhere(x: Expr, of: Logarithm): Expr {
  const { k, f } = splitLogarithm(mul(x, 2 ** 23));
  const subnormal = of(cast(sub(k, 23), "float32"), f);
  return where(gt(x, 0), where(eq(x, Infinity), x, subnormal), where(eq(x, 0), -Infinity, where(lt(x, 0), NaN, x)));
}

function logarithm(x: Expr, of: Logarithm): Expr {
  const normal = logicalAnd(ge(x, 2 ** -126), lt(x, Infinity));
  return rarely(logicalNot(normal), logarithmElsewhere(x, of), logarithmNormal(x, of));
}

const naturalLogarithm: Logarithm = (k, f) => {
  const halfSquare = mul(mul(f, f), 0.5);
  const low = fused(add(mul(k, ln2Low), logTail(f, halfSquare)));
  return fused(add(mul(k, ln2High), sub(f, sub(halfSquare, low))));
};

function log(x: Expr): Expr {
  return logarithm(x, naturalLogarithm);
}

/** A logarithm to another base: k·log_b 2 + log(1 + f)/ln b, the second part split so that its rounding does not show. */
function scaledLog(x: Expr, exponent: readonly [number, number], factor: readonly [number, number]): Expr {
  return logarithm(x, (k, f) => {
    const halfSquare = mul(mul(f, f), 0.5);
    const tail = logTail(f, halfSquare);
    // The leading part with its low 12 bits cleared multiplies exactly.
    const high = fromBits(bitAnd(bitcast(sub(f, halfSquare), "int32"), -4096));
    const low = add(sub(sub(f, high), halfSquare), tail);
    const small = add(add(mul(add(low, high), factor[1]), mul(low, factor[0])), mul(k, exponent[1]));
    return add(mul(k, exponent[0]), add(small, mul(high, factor[0])));
  });
}

function log2(x: Expr): Expr {
  return scaledLog(x, [1, 0], [1.44287109375, Math.LOG2E - 1.44287109375]);
}

function log10(x: Expr): Expr {
  const log10of2 = Math.log10(2);
  return scaledLog(
    x,
    [0.30102539062, log10of2 - Math.fround(0.30102539062)],
    [0.43432617188, Math.LOG10E - Math.fround(0.43432617188)],
  );
}

/** log(u) with the rounding of u = 1 + x made good. */
function log1p(x: Expr): Expr {
  const u = add(x, 1);
  const corrected = sub(logarithmNormal(u, naturalLogarithm), div(sub(sub(u, 1), x), u));
  const ordinary = logicalAnd(gt(x, -1), lt(x, 2 ** 25));
  const usual = where(lt(abs(x), 2 ** -24), x, corrected);
  return rarely(logicalNot(ordinary), log(where(gt(x, 0), x, u)), usual);
}

/** (e^2a - 1) / (e^2a + 1), which is 1 from 9.02 on. */
function tanh(x: Expr): Expr {
  const a = min(abs(x), 9.1);
  const e = expm1Normal(add(a, a));
  return withSignOf(div(e, add(e, 2)), x);
}

/** e^a / 2, which stays finite where e^a does not. */
function halfOfExp(a: Expr): Expr {
  const root = expAnywhere(mul(a, 0.5));
  return mul(mul(root, 0.5), root);
}

function sinh(x: Expr): Expr {
  const a = abs(x);
  const z = mul(x, x);
  const small = add(mul(mul(x, z), polynomial(z, [0.166666672, 0.00833333936, 0.000198380993, 0.0000028063007])), x);
  const e = expNormal(a);
  const large = rarely(gt(a, 80), halfOfExp(a), mul(sub(e, div(1, e)), 0.5));
  return where(lt(a, 1), small, withSignOf(large, x));
}

function cosh(x: Expr): Expr {
  const a = abs(x);
  const e = expNormal(a);
  return rarely(gt(a, 80), halfOfExp(a), mul(add(e, div(1, e)), 0.5));
}

function asinh(x: Expr): Expr {
  const a = abs(x);
  const z = mul(a, a);
  const regular = log1p(add(a, div(z, add(sqrt(add(z, 1)), 1))));
  const huge = add(log(a), Math.LN2);
  return withSignOf(rarely(gt(a, 1e9), huge, regular), x);
}

function acosh(x: Expr): Expr {
  const t = sub(x, 1);
  const regular = log1p(add(t, sqrt(add(add(t, t), mul(t, t)))));
  return where(lt(x, 1), NaN, rarely(gt(x, 1e9), add(log(x), Math.LN2), regular));
}

function atanh(x: Expr): Expr {
  const a = abs(x);
  const value = mul(log1p(div(add(a, a), sub(1, a))), 0.5);
  return where(ne(value, value), value, withSignOf(value, x));
}

const atanTail = [-0.333332896, 0.199914917, -0.14027825, 0.085338451];

function atan(x: Expr): Expr {
  const a = abs(x);
  const steep = gt(a, Math.SQRT2 + 1);
  const middle = gt(a, Math.SQRT2 - 1);
  const t = where(steep, div(-1, a), where(middle, div(sub(a, 1), add(a, 1)), a));
  const base = where(steep, Math.PI / 2, where(middle, Math.PI / 4, 0));
  const z = mul(t, t);
  const value = add(base, add(mul(mul(t, z), polynomial(z, atanTail)), t));
  return where(ne(x, x), x, withSignOf(value, x));
}

function atan2(y: Expr, x: Expr): Expr {
  const ay = abs(y);
  const ax = abs(x);
  const bothInfinite = eq(min(ax, ay), Infinity);
  const bothZero = eq(max(ax, ay), 0);
  const ratio = where(bothInfinite, 1, where(bothZero, 0, div(ay, ax)));
  const first = atan(ratio);
  const negative = lt(bitcast(x, "int32"), 0);
  const value = where(negative, sub(Math.PI, first), first);
  const undefinedArgument = add(x, y);
  return where(ne(min(ax, ay), min(ax, ay)), undefinedArgument, withSignOf(value, y));
}

const asinTail = [0.166666731, 0.0749876127, 0.0450202152, 0.0264333617, 0.0383283086];

/** asin for |x| ≤ ½ given z = x². */
function asinSmall(x: ExprLike, z: Expr): Expr {
  return add(mul(mul(x, z), polynomial(z, asinTail)), x);
}

function asin(x: Expr): Expr {
  const a = abs(x);
  const far = gt(a, 0.5);
  const z = where(far, mul(sub(1, a), 0.5), mul(a, a));
  const value = asinSmall(where(far, sqrt(z), a), z);
  const folded = where(far, sub(Math.PI / 2, add(value, value)), value);
  return where(ne(folded, folded), folded, withSignOf(folded, x));
}

function acos(x: Expr): Expr {
  const a = abs(x);
  const far = gt(a, 0.5);
  const z = where(far, mul(sub(1, a), 0.5), mul(a, a));
  const value = asinSmall(where(far, sqrt(z), x), z);
  const twice = add(value, value);
  return where(far, where(lt(x, 0), sub(Math.PI, twice), twice), sub(Math.PI / 2, value));
}

function erf(x: Expr): Expr {
  const a = min(abs(x), 4);
  const z = mul(x, x);
  const small = mul(
    x,
    polynomial(
      z,
      [1.12837911, -0.37612626, 0.112836003, -0.0268544443, 0.00518953567, -0.000802084222, 0.0000788912294],
    ),
  );
  const logErfc = polynomial(
    a,
    [
      0.000188036487, -1.12957835, -0.633219898, -0.108418547, 0.0252082385, -0.00420455541, 0.000441335113,
      -0.0000216867502,
    ],
  );
  const large = sub(1, exp(logErfc));
  return where(lt(a, 1), small, where(ne(x, x), x, withSignOf(large, x)));
}

const float32: Partial<Record<OpName, Expansion>> = {
  exp,
  expm1,
  log,
  log1p,
  log2,
  log10,
  tanh,
  sinh,
  cosh,
  asinh,
  acosh,
  atanh,
  atan,
  atan2,
  asin,
  acos,
  erf,
  sin,
  cos,
  tan,
  ...specialExpansions,
};

/** The expansion of an operation for one compute type, if there is one. */
export function elementaryExpansion(op: OpName, type: ComputeType): Expansion | undefined {
  return type === "float32" ? float32[op] : undefined;
}
