import type { Expr } from "./expr.js";

/** A sum with a product, or a difference from which one is taken, that may be rounded once: by a fused multiply-add where there is one. */
export function fused(expr: Expr): Expr {
  return { ...expr, hint: "fused" } as Expr;
}
