/** Symbolic derivatives of kernel expressions. */
import { KernelError } from "../errors.js";
import { argsOf, type Expr } from "./expr.js";
import { elementwise, type ElementwiseKernel } from "./elementwise.js";
import { Interner } from "./interner.js";
import type { Operand } from "./launch.js";
import type { OpName } from "./ops-table.js";
import { trigamma } from "./series.js";

/**
 * The derivative of `expr` with respect to parameter `index`, times `seed`; null if it is zero everywhere.
 *
 * Where an operation has no derivative a convention holds: `max` and `min` pass everything to the first operand on a
 * tie, `abs` has slope 0 at 0, comparisons, roundings and integer operations have slope 0. So the order of operands
 * chooses the convention: `max(0, x)` has slope 0 at 0, `max(x, 0)` has 1.
 *
 * @throws KernelError if `expr` uses the parameter in an inner reduction of a row-wise kernel, or reads its bits.
 */
export function differentiate(expr: Expr, index: number, seed: Expr, interner: Interner = new Interner()): Expr | null {
  const tangents = new Map<Expr, Expr | null>();
  const tangent = (e: Expr): Expr | null => {
    let known = tangents.get(e);
    if (known === undefined) {
      known = tangentOf(e, index, seed, tangent, interner);
      tangents.set(e, known);
    }
    return known;
  };
  return tangent(interner.intern(expr));
}

/** Indexes of the parameters that occur in an expression, ascending. */
export function parametersIn(expr: Expr): number[] {
  const found = new Set<number>();
  const seen = new Set<Expr>();
  const visit = (e: Expr): void => {
    if (seen.has(e)) return;
    seen.add(e);
    if (e.kind === "parameter") found.add(e.index);
    if (e.kind === "cast" && typeof e.dtype === "object") visit(e.dtype.like);
    argsOf(e).forEach(visit);
  };
  visit(expr);
  return [...found].sort((a, b) => a - b);
}

/** The same expression over other parameters: `indexes[i]` becomes `i`. */
export function renumberParameters(expr: Expr, indexes: readonly number[]): Expr {
  const done = new Map<Expr, Expr>();
  const visit = (e: Expr): Expr => {
    let result = done.get(e);
    if (result === undefined) {
      result = renumber(e, indexes, visit);
      done.set(e, result);
    }
    return result;
  };
  return visit(expr);
}

function renumber(e: Expr, indexes: readonly number[], visit: (e: Expr) => Expr): Expr {
  switch (e.kind) {
    case "parameter":
      return { kind: "parameter", index: indexes.indexOf(e.index) };
    case "op":
      return { ...e, args: e.args.map(visit) };
    case "cast":
      return {
        ...e,
        dtype: typeof e.dtype === "object" ? { like: visit(e.dtype.like) } : e.dtype,
        args: [visit(e.args[0])],
      };
    case "at":
    case "bitcast":
    case "perRow":
      return { ...e, args: [visit(e.args[0])] };
    default:
      return e;
  }
}

/** An elementwise kernel from expressions over parameters `0 … arity-1` instead of from a function. */
export function elementwiseOf<R extends Expr | readonly Expr[]>(
  name: string,
  arity: number,
  result: R,
): ElementwiseKernel<Operand[], R> {
  if (!Number.isInteger(arity) || arity < 1) {
    throw new KernelError(`${name}: an elementwise kernel takes one operand or more, got ${arity}`);
  }
  // `elementwise` learns the number of operands from the length of the body.
  const body = Object.defineProperty(() => result, "length", { value: arity });
  const kernel: unknown = elementwise(name, body);
  return kernel as ElementwiseKernel<Operand[], R>;
}

type Tangent = (e: Expr) => Expr | null;

function tangentOf(e: Expr, index: number, seed: Expr, tangent: Tangent, build: Interner): Expr | null {
  switch (e.kind) {
    case "parameter":
      return e.index === index ? build.intern(seed) : null;
    case "cast": {
      const inner = tangent(e.args[0]);
      const toFloat = typeof e.dtype === "object" || e.dtype === "accumulator" || e.dtype.startsWith("float");
      return inner === null || !toFloat ? null : build.intern({ ...e, args: [inner] });
    }
    case "bitcast":
      if (tangent(e.args[0]) !== null) throw new KernelError("the bits of a number have no derivative");
      return null;
    case "perRow":
    case "rowReduce":
      throw new KernelError("row reductions have no symbolic derivative; write the gradient's kernel");
    case "op":
      return e.args.every((arg) => tangent(arg) === null) ? null : operation(e, tangent, build);
    default:
      return null;
  }
}

type OpExpr = Extract<Expr, { kind: "op" }>;

function operation(e: OpExpr, tangent: Tangent, build: Interner): Expr | null {
  const op = (name: OpName, ...args: Expr[]): Expr => build.op(name, ...args);
  const number = (value: number): Expr => build.constant(value);
  const [a, b] = e.args as [Expr, Expr];
  const rule = unaryRules[e.op];
  if (rule !== undefined) return rule(tangent(a) as Expr, a, e, op, number);
  const scale = (d: Expr | null, factor: Expr): Expr | null => (d === null ? null : op("mul", d, factor));
  const sum = (p: Expr | null, q: Expr | null): Expr | null => (p === null ? q : q === null ? p : op("add", p, q));
  const minus = (p: Expr | null, q: Expr | null): Expr | null =>
    q === null ? p : p === null ? op("neg", q) : op("sub", p, q);
  switch (e.op) {
    case "add":
      return sum(tangent(a), tangent(b));
    case "sub":
      return minus(tangent(a), tangent(b));
    case "mul":
      if (a === b) return scale(tangent(a), op("mul", number(2), a));
      return sum(scale(tangent(a), b), scale(tangent(b), a));
    case "div": {
      const top = minus(tangent(a), scale(tangent(b), e));
      return top === null ? null : op("div", top, b);
    }
    case "fmod":
      return minus(tangent(a), scale(tangent(b), op("trunc", op("div", a, b))));
    case "pow":
      return sum(
        scale(tangent(a), op("mul", b, power(a, b, op, number))),
        scale(tangent(b), op("mul", op("log", a), e)),
      );
    case "atan2": {
      const top = minus(scale(tangent(a), b), scale(tangent(b), a));
      return top === null ? null : op("div", top, op("add", op("mul", a, a), op("mul", b, b)));
    }
    case "max":
    case "min": {
      const first = op(e.op === "max" ? "ge" : "le", a, b);
      return op("where", first, tangent(a) ?? number(0), tangent(b) ?? number(0));
    }
    case "where": {
      const [condition, x, y] = e.args as [Expr, Expr, Expr];
      const [dx, dy] = [tangent(x), tangent(y)];
      return dx === null && dy === null ? null : op("where", condition, dx ?? number(0), dy ?? number(0));
    }
    default:
      // Roundings, comparisons, logic and integer operations are piecewise constant.
      return null;
  }
}

type Build = (name: OpName, ...args: Expr[]) => Expr;
type BuildNumber = (value: number) => Expr;

/** x^(n-1), where n is a constant without a power for small n. */
function power(base: Expr, exponent: Expr, op: Build, number: BuildNumber): Expr {
  if (exponent.kind === "constant") {
    if (exponent.value === 2) return base;
    return op("pow", base, number(exponent.value - 1));
  }
  return op("pow", base, op("sub", exponent, number(1)));
}

type UnaryRule = (d: Expr, u: Expr, y: Expr, op: Build, number: BuildNumber) => Expr;

/** Derivatives of functions of one operand: `d` times f'(u), where y = f(u). */
const unaryRules: Partial<Record<OpName, UnaryRule>> = {
  neg: (d, _u, _y, op) => op("neg", d),
  abs: (d, u, _y, op, number) =>
    op("where", op("gt", u, number(0)), d, op("where", op("lt", u, number(0)), op("neg", d), number(0))),
  sqrt: (d, _u, y, op, number) => op("div", d, op("mul", number(2), y)),
  cbrt: (d, _u, y, op, number) => op("div", d, op("mul", number(3), op("mul", y, y))),
  exp: (d, _u, y, op) => op("mul", d, y),
  expm1: (d, _u, y, op, number) => op("mul", d, op("add", y, number(1))),
  log: (d, u, _y, op) => op("div", d, u),
  log1p: (d, u, _y, op, number) => op("div", d, op("add", u, number(1))),
  log2: (d, u, _y, op, number) => op("div", op("mul", d, number(Math.LOG2E)), u),
  log10: (d, u, _y, op, number) => op("div", op("mul", d, number(Math.LOG10E)), u),
  sin: (d, u, _y, op) => op("mul", d, op("cos", u)),
  cos: (d, u, _y, op) => op("neg", op("mul", d, op("sin", u))),
  tan: (d, _u, y, op, number) => op("mul", d, op("add", number(1), op("mul", y, y))),
  asin: (d, u, _y, op, number) => op("div", d, op("sqrt", op("sub", number(1), op("mul", u, u)))),
  acos: (d, u, _y, op, number) => op("neg", op("div", d, op("sqrt", op("sub", number(1), op("mul", u, u))))),
  atan: (d, u, _y, op, number) => op("div", d, op("add", number(1), op("mul", u, u))),
  sinh: (d, u, _y, op) => op("mul", d, op("cosh", u)),
  cosh: (d, u, _y, op) => op("mul", d, op("sinh", u)),
  tanh: (d, _u, y, op, number) => op("mul", d, op("sub", number(1), op("mul", y, y))),
  asinh: (d, u, _y, op, number) => op("div", d, op("sqrt", op("add", op("mul", u, u), number(1)))),
  acosh: (d, u, _y, op, number) => op("div", d, op("sqrt", op("sub", op("mul", u, u), number(1)))),
  atanh: (d, u, _y, op, number) => op("div", d, op("sub", number(1), op("mul", u, u))),
  erf: (d, u, _y, op, number) =>
    op("mul", d, op("mul", number(2 / Math.sqrt(Math.PI)), op("exp", op("neg", op("mul", u, u))))),
  erfc: (d, u, _y, op, number) =>
    op("mul", d, op("mul", number(-2 / Math.sqrt(Math.PI)), op("exp", op("neg", op("mul", u, u))))),
  erfinv: (d, _u, y, op, number) => op("mul", d, op("mul", number(Math.sqrt(Math.PI) / 2), op("exp", op("mul", y, y)))),
  lgamma: (d, u, _y, op) => op("mul", d, op("digamma", u)),
  digamma: (d, u, _y, op) => op("mul", d, trigamma(u)),
};
