/**
 * Philox4x32-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011): a block cipher that turns a
 * counter and a key into four random words. In the kernel language, so that every device draws the same.
 */
import type { Expr, ExprLike } from "../kernel/expr.js";
import * as k from "../kernel/ops.js";

export const rounds = 10;
/** Multipliers of words 0 and 2. */
export const multipliers = [0xd2511f53, 0xcd9e8d57] as const;
/** What is added to the key after every round. */
export const keySteps = [0x9e3779b9, 0xbb67ae85] as const;

/** Four uint32 values. */
export type Words = readonly [Expr, Expr, Expr, Expr];

/** The four words for a counter of four words and a key of two, all uint32. */
export function philox(counter: Words, key: readonly [Expr, Expr]): Words {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < rounds; round++) {
    if (round > 0) {
      k0 = k.add(k0, keySteps[0]);
      k1 = k.add(k1, keySteps[1]);
    }
    const [m0, m1] = multipliers;
    const [n0, n2] = [
      k.bitXor(k.bitXor(multiplyHigh(c2, m1), c1), k0),
      k.bitXor(k.bitXor(multiplyHigh(c0, m0), c3), k1),
    ];
    const [n1, n3] = [k.mul(c2, m1), k.mul(c0, m0)];
    [c0, c1, c2, c3] = [n0, n1, n2, n3];
  }
  return [c0, c1, c2, c3];
}

/** The upper 32 bits of the product of two uint32 values, out of products of their halves. */
export function multiplyHigh(a: Expr, b: ExprLike): Expr {
  const [aLow, aHigh] = halves(a);
  const [bLow, bHigh] = typeof b === "number" ? [b & 0xffff, b >>> 16] : halves(b as Expr);
  const low = k.mul(aLow, bLow);
  const middle = k.add(k.mul(aHigh, bLow), k.shr(low, 16));
  const other = k.add(k.mul(aLow, bHigh), k.bitAnd(middle, 0xffff));
  return k.add(k.mul(aHigh, bHigh), k.add(k.shr(middle, 16), k.shr(other, 16)));
}

function halves(x: Expr): [Expr, Expr] {
  return [k.bitAnd(x, 0xffff), k.shr(x, 16)];
}
