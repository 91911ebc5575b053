import { argsOf, type Expr } from "./expr.js";

/** Whether `index` occurs in any of the expressions. */
export function usesIndex(exprs: readonly Expr[]): boolean {
  return some(exprs, (expr) => expr.kind === "index");
}

/** Whether a predicate holds for any node of the graphs, inner reductions included. */
export function some(exprs: readonly Expr[], predicate: (expr: Expr) => boolean): boolean {
  const seen = new Set<Expr>();
  const visit = (expr: Expr): boolean => {
    if (seen.has(expr)) return false;
    seen.add(expr);
    if (predicate(expr)) return true;
    if (expr.kind === "rowReduce" && expr.reduce.values.some(visit)) return true;
    return argsOf(expr).some(visit);
  };
  return exprs.some(visit);
}
