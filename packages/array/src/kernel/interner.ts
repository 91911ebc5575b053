/** Structural sharing of expressions: equal subexpressions become one object, trivial arithmetic disappears. */
import { argsOf, type Expr } from "./expr.js";
import type { OpName } from "./ops-table.js";

/** Makes expressions such that structurally equal ones are identical. */
export class Interner {
  private readonly canonical = new Map<string, Expr>();
  private readonly ids = new Map<Expr, number>();
  private readonly seen = new Map<Expr, Expr>();

  /** The canonical form of an expression, with `0 + x`, `1 · x` and the like simplified. */
  intern(expr: Expr): Expr {
    const known = this.seen.get(expr);
    if (known !== undefined) return known;
    const result = this.rebuild(expr, (e) => this.intern(e));
    this.seen.set(expr, result);
    this.seen.set(result, result);
    return result;
  }

  /** An expression with every occurrence of `from` (canonical) replaced by `to`, from the root down. */
  replace(expr: Expr, from: Expr, to: Expr): Expr {
    const done = new Map<Expr, Expr>();
    const visit = (e: Expr): Expr => {
      if (e === from) return to;
      let result = done.get(e);
      if (result === undefined) {
        result = this.rebuild(e, visit);
        done.set(e, result);
      }
      return result;
    };
    return visit(this.intern(expr));
  }

  /** The canonical form of an operation, simplified. */
  op(op: OpName, ...operands: Expr[]): Expr {
    const args = operands.map((e) => (this.ids.has(e) ? e : this.intern(e)));
    return simplify(this, op, args) ?? this.share({ kind: "op", op, args });
  }

  /** A number. */
  constant(value: number): Expr {
    return this.share({ kind: "constant", value, boolean: false });
  }

  private rebuild(expr: Expr, visit: (e: Expr) => Expr): Expr {
    switch (expr.kind) {
      case "op":
        return this.op(expr.op, ...expr.args.map(visit));
      case "cast": {
        const dtype = typeof expr.dtype === "string" ? expr.dtype : { like: visit(expr.dtype.like) };
        return this.share({ ...expr, dtype, args: [visit(expr.args[0])] });
      }
      case "at":
      case "bitcast":
      case "perRow":
        return this.share({ ...expr, args: [visit(expr.args[0])] });
      case "rowReduce":
        return expr;
      default:
        return this.share(expr);
    }
  }

  private share(expr: Expr): Expr {
    const key = this.keyOf(expr);
    const existing = this.canonical.get(key);
    if (existing !== undefined) return existing;
    this.canonical.set(key, expr);
    this.ids.set(expr, this.ids.size);
    return expr;
  }

  private keyOf(expr: Expr): string {
    const args = argsOf(expr)
      .map((arg) => this.ids.get(arg))
      .join();
    switch (expr.kind) {
      case "parameter":
      case "scalar":
        return `${expr.kind}${expr.index}`;
      case "constant":
        return `${expr.boolean ? "b" : "c"}${Object.is(expr.value, -0) ? "-0" : expr.value}`;
      case "at":
        return `at${expr.buffer}(${args})`;
      case "cast":
        return `cast${typeof expr.dtype === "string" ? expr.dtype : `:${this.ids.get(expr.dtype.like)}`}(${args})`;
      case "bitcast":
        return `bitcast${expr.dtype}(${args})`;
      case "op":
        return `${expr.op}(${args})`;
      default:
        return `${expr.kind}(${args})`;
    }
  }
}

function isNumber(expr: Expr | undefined, value: number): boolean {
  return expr?.kind === "constant" && !expr.boolean && expr.value === value;
}

/** What `op(args)` is without the operation, if it can be done without. */
function simplify(build: Interner, op: OpName, args: readonly Expr[]): Expr | null {
  const [a, b, c] = args as [Expr, Expr, Expr];
  switch (op) {
    case "add":
      if (isNumber(a, 0)) return b;
      return isNumber(b, 0) ? a : null;
    case "sub":
      if (isNumber(b, 0)) return a;
      return isNumber(a, 0) ? build.op("neg", b) : null;
    case "mul":
      if (isNumber(a, 1)) return b;
      return isNumber(b, 1) ? a : null;
    case "div":
      return isNumber(b, 1) ? a : null;
    case "pow":
      return isNumber(b, 1) ? a : null;
    case "neg":
      if (a.kind === "constant" && !a.boolean) return build.constant(-a.value);
      return a.kind === "op" && a.op === "neg" ? (a.args[0] as Expr) : null;
    case "where":
      return b === c ? b : null;
    default:
      return null;
  }
}
