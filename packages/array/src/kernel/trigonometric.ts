/**
 * Sine, cosine and tangent of any float32, in the kernel language (see `elementary.ts`).
 *
 * Arguments are reduced to |r| ≤ π/4 and a quadrant: moderate ones by subtracting a multiple of π/2 in parts short
 * enough that the products are exact (Cody and Waite), the rest by multiplying with the bits of 2/π that matter
 * (Payne and Hanek, "Radian reduction for trigonometric functions", 1983).
 */
import type { Expr } from "./expr.js";
import {
  abs,
  add,
  bitAnd,
  bitcast,
  bitOr,
  cast,
  div,
  eq,
  logicalNot,
  lt,
  mul,
  ne,
  neg,
  polynomial,
  shl,
  shr,
  sub,
  where,
} from "./ops.js";
import { fused } from "./fused.js";
import { rarely } from "./rarely.js";

/** An argument as quadrant·π/2 + r. */
interface Reduced {
  /** int32; only the lowest two bits count. */
  readonly quadrant: Expr;
  readonly r: Expr;
}

/** Up to here n = x·2/π has 13 bits, and its products with 11-bit parts of π/2 are exact. */
const moderate = 12867;

/** π/2 in three parts of 11 bits and a rest. */
const halfPi = [1.5703125, 0.0004837512969970703, 7.549533620476723e-8, 2.5633441515945185e-12] as const;

/** Bits of 2/π after the binary point, behind 32 zeros. */
const twoOverPi = [0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab] as const;

function reduceModerate(x: Expr): Reduced {
  // Rounds to a whole number, which is then in the lowest bits.
  const rounder = 1.5 * 2 ** 23;
  const shifted = fused(add(mul(x, 2 / Math.PI), rounder));
  const n = sub(shifted, rounder);
  const r = halfPi.reduce<Expr>((rest, part) => fused(sub(rest, mul(n, part))), x);
  return { quadrant: bitcast(shifted, "int32"), r };
}

/** The high and low words of the 56-bit product of a 24-bit and a 32-bit integer. */
function wideProduct(a: Expr, b: Expr): { high: Expr; low: Expr } {
  const [aHigh, aLow] = [shr(a, 16), bitAnd(a, 0xffff)];
  const [bHigh, bLow] = [shr(b, 16), bitAnd(b, 0xffff)];
  const cross = mul(aLow, bHigh);
  const middle = add(add(shr(mul(aLow, bLow), 16), bitAnd(cross, 0xffff)), mul(aHigh, bLow));
  const high = add(add(mul(aHigh, bHigh), shr(cross, 16)), shr(middle, 16));
  return { high, low: mul(a, b) };
}

function reduceLarge(x: Expr): Reduced {
  const bits = bitcast(abs(x), "uint32");
  const exponent = sub(cast(shr(bits, 23), "int32"), 150);
  const mantissa = bitOr(bitAnd(bits, 0x7fffff), 0x800000);
  // x = mantissa · 2^exponent; bits of 2/π above this position contribute multiples of 4 to x·2/π.
  const start = add(exponent, 30);
  const word = shr(start, 5);
  const shift = cast(bitAnd(start, 31), "uint32");
  const pick = (offset: number): Expr =>
    [1, 2, 3, 4].reduce<Expr>(
      (chosen, i) => where(eq(word, i), cast(twoOverPi[i + offset] as number, "uint32"), chosen),
      cast(twoOverPi[offset] as number, "uint32"),
    );
  const words = [pick(0), pick(1), pick(2), pick(3)] as const;
  const window = [0, 1, 2].map((i) =>
    bitOr(shl(words[i] as Expr, shift), shr(shr(words[i + 1] as Expr, 1), sub(31, shift))),
  );
  // The low 96 bits of mantissa · window: two bits of quadrant, then the fraction.
  const [a, b, c] = window.map((w) => wideProduct(mantissa, w)) as [
    ReturnType<typeof wideProduct>,
    ReturnType<typeof wideProduct>,
    ReturnType<typeof wideProduct>,
  ];
  const middle = add(b.low, c.high);
  const carry = cast(lt(middle, b.low), "uint32");
  const top = add(add(a.low, b.high), carry);
  // Rounding to the nearest quadrant leaves a signed fraction of it.
  const quadrant = shr(add(top, 0x20000000), 30);
  const fraction = bitcast(bitOr(shl(top, 2), shr(middle, 30)), "int32");
  const rest = mul(cast(shl(middle, 2), "float32"), 2 ** -64);
  const r = mul(add(mul(cast(fraction, "float32"), 2 ** -32), rest), Math.PI / 2);
  const negative = lt(x, 0);
  const q = bitcast(quadrant, "int32");
  return { quadrant: where(negative, neg(q), q), r: where(negative, neg(r), r) };
}

/** A function of an argument's quadrant and rest, for any argument; `finish` is told the value of moderate ones. */
function ofReduced(x: Expr, of: (reduced: Reduced) => Expr, finish = (value: Expr): Expr => value): Expr {
  const far = where(lt(abs(x), Infinity), of(reduceLarge(x)), NaN);
  return rarely(logicalNot(lt(abs(x), moderate)), far, finish(of(reduceModerate(x))));
}

function sinReduced(r: Expr, z: Expr): Expr {
  return fused(add(mul(mul(r, z), polynomial(z, [-0.166666642, 0.00833274331, -0.000195867251])), r));
}

function cosReduced(z: Expr): Expr {
  const tail = mul(mul(z, z), polynomial(z, [0.0416666642, -0.00138883619, 0.000024555171]));
  return add(sub(1, mul(z, 0.5)), tail);
}

export function sin(x: Expr): Expr {
  const ofQuadrant = ({ quadrant, r }: Reduced): Expr => {
    const z = mul(r, r);
    const magnitude = where(ne(bitAnd(quadrant, 1), 0), cosReduced(z), sinReduced(r, z));
    return where(ne(bitAnd(quadrant, 2), 0), neg(magnitude), magnitude);
  };
  return ofReduced(x, ofQuadrant, (value) => where(eq(x, 0), x, value));
}

export function cos(x: Expr): Expr {
  return ofReduced(x, ({ quadrant, r }) => {
    const z = mul(r, r);
    const magnitude = where(ne(bitAnd(quadrant, 1), 0), sinReduced(r, z), cosReduced(z));
    return where(ne(bitAnd(add(quadrant, 1), 2), 0), neg(magnitude), magnitude);
  });
}

export function tan(x: Expr): Expr {
  const tail = [0.333333343, 0.133332178, 0.0539969839, 0.0216034763, 0.0100180106, 0.00110391038, 0.00388760003];
  const ofQuadrant = ({ quadrant, r }: Reduced): Expr => {
    const z = mul(r, r);
    const t = add(mul(mul(r, z), polynomial(z, tail)), r);
    return where(ne(bitAnd(quadrant, 1), 0), div(-1, t), t);
  };
  return ofReduced(x, ofQuadrant, (value) => where(eq(x, 0), x, value));
}
