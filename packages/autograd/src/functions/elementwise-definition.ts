import { ValueError, type NdArray } from "@chain/array";
import {
  castLike,
  differentiate,
  elementwiseOf,
  Interner,
  parametersIn,
  renumberParameters,
  type ElementwiseKernel,
  type Expr,
  type ExprLike,
  type Operand,
} from "@chain/array/kernel";
import type { Variable, VariableLike } from "../variable.js";
import { ElementwiseNode, type FunctionOperand } from "./elementwise-node.js";

/** What an explicit gradient is made of. */
export interface GradientContext {
  /** The first operand. */
  readonly x: Expr;
  /** All operands. */
  readonly xs: readonly Expr[];
  /** The function's result. Using it instead of operands saves keeping those. */
  readonly y: Expr;
  /** The gradient of the result. */
  readonly gy: Expr;
}

/** Settings of an elementwise function that are not its expression. */
export interface ElementwiseFunctionOptions {
  /**
   * The gradients of the operands, where the derivative of the body is not what is wanted: it loses digits, or there is a
   * convention for points without a derivative. One expression for the first operand, or one for each; null where there
   * is no gradient.
   */
  readonly gradient?: (context: GradientContext) => ExprLike | readonly (ExprLike | null)[];
  /** `float` (the default): operands of one floating dtype. `same`: of any one dtype. */
  readonly dtypes?: "float" | "same";
}

/** How the gradient of one operand is computed. */
export type Derivative =
  | { readonly kind: "zero" }
  /** The gradient of the output itself. */
  | { readonly kind: "pass" }
  | DerivedFunction;

/** A function of `sources`: operands below `arity`, `arity` for the output, `arity + 1` for the gradient of the output. */
export interface DerivedFunction {
  readonly kind: "function";
  readonly definition: ElementwiseDefinition;
  readonly sources: readonly number[];
}

/** What forward has to retain. */
export interface Needs {
  readonly operands: readonly number[];
  readonly output: boolean;
}

const noNumbers: readonly (number | null)[] = [];

/** What an elementwise function computes, its kernel, and the functions that its gradients are; those are made when first needed. */
export class ElementwiseDefinition {
  private readonly kernel: ElementwiseKernel<Operand[], Expr>;
  readonly floatOnly: boolean;
  private readonly derivatives: (Derivative | undefined)[] = [];
  private readonly needs: (Needs | undefined)[] = [];

  constructor(
    readonly name: string,
    readonly arity: number,
    readonly expr: Expr,
    private readonly interner: Interner,
    private readonly options: ElementwiseFunctionOptions,
  ) {
    this.kernel = elementwiseOf(name, arity, expr);
    this.floatOnly = (options.dtypes ?? "float") === "float";
  }

  call1(x: FunctionOperand): Variable {
    if (typeof x === "number") throw new ValueError(`${this.name}: an operand must be an array, got only numbers`);
    return new ElementwiseNode(this, noNumbers).apply([x])[0] as Variable;
  }

  call2(x: FunctionOperand, y: FunctionOperand): Variable {
    if (typeof y === "number") {
      if (typeof x === "number") throw new ValueError(`${this.name}: an operand must be an array, got only numbers`);
      return new ElementwiseNode(this, [null, y]).apply([x])[0] as Variable;
    }
    if (typeof x === "number") return new ElementwiseNode(this, [x, null]).apply([y])[0] as Variable;
    return new ElementwiseNode(this, noNumbers).apply([x, y])[0] as Variable;
  }

  call(operands: readonly FunctionOperand[]): Variable {
    const inputs: VariableLike[] = [];
    for (const operand of operands) if (typeof operand !== "number") inputs.push(operand);
    if (inputs.length === 0) throw new ValueError(`${this.name}: an operand must be an array, got only numbers`);
    const numbers =
      inputs.length === operands.length ? noNumbers : operands.map((o) => (typeof o === "number" ? o : null));
    return new ElementwiseNode(this, numbers).apply(inputs)[0] as Variable;
  }

  /** Runs the kernel. */
  compute(operands: readonly Operand[]): NdArray {
    const { kernel } = this;
    const [a, b, c] = operands as [Operand, Operand, Operand];
    if (operands.length === 1) return kernel(a);
    if (operands.length === 2) return kernel(a, b);
    return operands.length === 3 ? kernel(a, b, c) : kernel(...operands);
  }

  /** How the gradient of an operand is computed. */
  derivative(operand: number): Derivative {
    return (this.derivatives[operand] ??= this.derive(operand));
  }

  /** What the gradients of some operands (a bit each) are computed from. */
  needsOf(operandBits: number): Needs {
    return (this.needs[operandBits] ??= this.findNeeds(operandBits));
  }

  private findNeeds(operandBits: number): Needs {
    const sources = new Set<number>();
    for (let k = 0; k < this.arity; k++) {
      if ((operandBits & (1 << k)) === 0) continue;
      const derivative = this.derivative(k);
      if (derivative.kind === "function") derivative.sources.forEach((s) => sources.add(s));
    }
    const operands = [...sources].filter((s) => s < this.arity).sort((a, b) => a - b);
    return { operands, output: sources.has(this.arity) };
  }

  private derive(operand: number): Derivative {
    const { arity, interner } = this;
    const y: Expr = { kind: "parameter", index: arity };
    const gy: Expr = { kind: "parameter", index: arity + 1 };
    const raw = this.gradientExpr(operand, y, gy);
    if (raw === null) return { kind: "zero" };
    let expr = interner.replace(raw, this.expr, interner.intern(y));
    if (hasCast(expr)) expr = interner.intern(castLike(expr, gy));
    const sources = parametersIn(expr);
    if (sources.length === 0) return { kind: "zero" };
    if (expr.kind === "parameter" && expr.index === arity + 1) return { kind: "pass" };
    const name = `${this.name}-grad${arity === 1 ? "" : operand}`;
    const inner = new Interner();
    const body = inner.intern(renumberParameters(expr, sources));
    const definition = new ElementwiseDefinition(name, sources.length, body, inner, { dtypes: "same" });
    return { kind: "function", definition, sources };
  }

  private gradientExpr(operand: number, y: Expr, gy: Expr): Expr | null {
    const { gradient } = this.options;
    if (gradient === undefined) return differentiate(this.expr, operand, gy, this.interner);
    const xs = Array.from({ length: this.arity }, (_, index): Expr => ({ kind: "parameter", index }));
    const given = gradient({ x: xs[0] as Expr, xs, y, gy });
    const own = isList(given) ? given[operand] : operand === 0 ? given : null;
    return own === null || own === undefined ? null : this.interner.intern(exprOf(own));
  }
}

/** Turns constants into expressions. */
export function exprOf(value: ExprLike): Expr {
  if (typeof value === "object") return value;
  return { kind: "constant", value: Number(value), boolean: typeof value === "boolean" };
}

function isList(value: ExprLike | readonly (ExprLike | null)[]): value is readonly (ExprLike | null)[] {
  return Array.isArray(value);
}

function hasCast(expr: Expr): boolean {
  return expr.kind === "cast" || ("args" in expr && expr.args.some(hasCast));
}
