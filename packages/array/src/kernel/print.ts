import type { Expr } from "./expr.js";
import type { ParameterNames } from "./launch.js";

/** A kernel's expression as text: `sigmoid(a) = div(1, add(1, exp(neg(a))))`. */
export function printKernel(name: string, inputs: number, names: ParameterNames, exprs: readonly Expr[]): string {
  const parameters = [...letters(inputs), ...names.scalars, ...names.uints, ...names.buffers];
  const body = exprs.map((expr) => printExpr(expr, names));
  return `${name}(${parameters.join(", ")}) = ${body.length === 1 ? body[0] : `[${body.join(", ")}]`}`;
}

/** An expression as nested calls. */
export function printExpr(expr: Expr, names: ParameterNames): string {
  const print = (e: Expr): string => printExpr(e, names);
  switch (expr.kind) {
    case "parameter":
      return letter(expr.index);
    case "scalar":
      return [...names.scalars, ...names.uints][expr.index] ?? `scalar${expr.index}`;
    case "constant":
      return expr.boolean ? String(expr.value !== 0) : String(expr.value);
    case "index":
    case "size":
      return expr.kind;
    case "at":
      return `${names.buffers[expr.buffer]}[${print(expr.args[0])}]`;
    case "cast": {
      const to = typeof expr.dtype === "string" ? expr.dtype : `typeof ${print(expr.dtype.like)}`;
      return `cast(${print(expr.args[0])}, ${to})`;
    }
    case "bitcast":
      return `bitcast(${print(expr.args[0])}, ${expr.dtype})`;
    case "perRow":
      return print(expr.args[0]);
    case "rowReduce":
      return `row(${expr.reduce.values.map(print).join(", ")})${expr.component === 0 ? "" : `[${expr.component}]`}`;
    case "op":
      return `${expr.op}(${expr.args.map(print).join(", ")})`;
  }
}

function letters(count: number): string[] {
  return Array.from({ length: count }, (_, i) => letter(i));
}

function letter(index: number): string {
  return index < 26 ? String.fromCharCode(97 + index) : `x${index}`;
}
