import type { Expr, ExprLike } from "./expr.js";
import { where } from "./ops.js";

/**
 * As `where`, for a condition that hardly any element meets and an alternative that is much work: backends that can branch
 * compute it only where it is needed.
 */
export function rarely(condition: ExprLike, rare: ExprLike, usual: ExprLike): Expr {
  return { ...where(condition, rare, usual), hint: "rare" } as Expr;
}
