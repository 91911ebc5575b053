/** Expressions for which ONNX has an operator. */
import { add, div, exp, max, mul, neg, tanh, type Expr } from "@chain/array/kernel";

/** The operand of a pattern: stands for any expression, everywhere the same. */
const x: Expr = { kind: "parameter", index: 0 };

const patterns: readonly (readonly [operator: string, pattern: Expr])[] = [
  ["Relu", max(x, 0)],
  ["Sigmoid", div(1, add(1, exp(neg(x))))],
  // The gates of recurrent units.
  ["Sigmoid", add(mul(0.5, tanh(mul(0.5, x))), 0.5)],
];

/** The operator that computes an expression, and the expression that it takes; null if there is none. */
export function operatorFor(expr: Expr): { readonly operator: string; readonly operand: Expr } | null {
  for (const [operator, pattern] of patterns) {
    const found = match(pattern, expr, null);
    if (found !== null) return { operator, operand: found };
  }
  return null;
}

/** What `x` stands for if a pattern fits, given what it has to stand for (null: anything); null if it does not. */
function match(pattern: Expr, expr: Expr, operand: Expr | null): Expr | null {
  if (pattern.kind === "parameter") return operand === null || same(operand, expr) ? expr : null;
  if (pattern.kind !== "op" || expr.kind !== "op" || pattern.op !== expr.op) return null;
  let found = operand;
  for (const [i, part] of pattern.args.entries()) {
    const own = expr.args[i] as Expr;
    if (part.kind === "constant") {
      if (!same(part, own)) return null;
    } else {
      found = match(part, own, found);
      if (found === null) return null;
    }
  }
  return found;
}

function same(a: Expr, b: Expr): boolean {
  if (a === b) return true;
  if (a.kind === "constant" && b.kind === "constant") return Object.is(a.value, b.value) && a.boolean === b.boolean;
  if (a.kind === "parameter" && b.kind === "parameter") return a.index === b.index;
  if (a.kind !== "op" || b.kind !== "op" || a.op !== b.op) return false;
  return a.args.every((arg, i) => same(arg, b.args[i] as Expr));
}
