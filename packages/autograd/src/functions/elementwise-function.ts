import { isFloating, ValueError, type DType, type InvalidType, type NdArray } from "@chain/array";
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
import { FunctionNode, type Gradients } from "../function-node.js";
import { formatShape, sameShape } from "../shape.js";
import { invalidType } from "../type-check.js";
import type { Variable, VariableLike } from "../variable.js";
import { sumTo } from "./array/broadcast-to.js";

/** An operand of an elementwise function: an array, or a number, which takes the arrays' dtype and wants no gradient. */
export type FunctionOperand = VariableLike | number;

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

/**
 * Defines a differentiable elementwise function by its kernel alone: `body` says what it computes from symbolic scalars
 * (see `elementwise` in `@chain/array/kernel`), and gradients, gradients of gradients and so on are derived from it.
 *
 * ```ts
 * const softsign = elementwiseFunction("softsign", (x) => div(x, add(1, abs(x))));
 * const y = softsign(x); // a Variable; x may be a Variable or an array
 * ```
 *
 * Operands broadcast. Numbers are passed on to the kernel, so parameters such as a slope are further operands.
 */
export function elementwiseFunction<F extends (...xs: Expr[]) => ExprLike>(
  name: string,
  body: F,
  options: ElementwiseFunctionOptions = {},
): (...operands: OperandsOf<Parameters<F>>) => Variable {
  const arity = body.length;
  const interner = new Interner();
  const parameters = Array.from({ length: arity }, (_, index): Expr => ({ kind: "parameter", index }));
  const definition = new Definition(name, arity, interner.intern(exprOf(body(...parameters))), interner, options);
  switch (arity) {
    case 1:
      return ((x: FunctionOperand) => definition.call1(x)) as (...operands: readonly FunctionOperand[]) => Variable;
    case 2:
      return ((x: FunctionOperand, y: FunctionOperand) => definition.call2(x, y)) as (
        ...operands: readonly FunctionOperand[]
      ) => Variable;
    default:
      return (...operands: readonly FunctionOperand[]) => definition.call(operands);
  }
}

/** An operand for each parameter of a body. */
export type OperandsOf<P extends readonly unknown[]> = { [K in keyof P]: FunctionOperand };

function exprOf(value: ExprLike): Expr {
  if (typeof value === "object") return value;
  return { kind: "constant", value: Number(value), boolean: typeof value === "boolean" };
}

/** How the gradient of one operand is computed. */
type Derivative =
  | { readonly kind: "zero" }
  /** The gradient of the output itself. */
  | { readonly kind: "pass" }
  /** A function of `sources`: operands below `arity`, the output, the gradient of the output. */
  | { readonly kind: "function"; readonly definition: Definition; readonly sources: readonly number[] };

/** What forward has to retain. */
interface Needs {
  readonly operands: readonly number[];
  readonly output: boolean;
}

const noNumbers: readonly (number | null)[] = [];
const firstIndex: readonly number[] = [0];

class Definition {
  readonly kernel: ElementwiseKernel<Operand[], Expr>;
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
    const definition = new Definition(name, sources.length, body, inner, { dtypes: "same" });
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

function isList(value: ExprLike | readonly (ExprLike | null)[]): value is readonly (ExprLike | null)[] {
  return Array.isArray(value);
}

function hasCast(expr: Expr): boolean {
  return expr.kind === "cast" || ("args" in expr && expr.args.some(hasCast));
}

class ElementwiseNode extends FunctionNode {
  /** The operands that are retained inputs. */
  private kept: readonly number[] = [];

  constructor(
    private readonly definition: Definition,
    /** By operand: the number it is, or null if it is an input; empty if all are inputs. */
    private readonly numbers: readonly (number | null)[],
  ) {
    super();
  }

  override get label(): string {
    return this.definition.name;
  }

  override checkTypeForward(inputs: readonly NdArray[]): void {
    const first = inputs[0] as NdArray;
    const { dtype } = first;
    if (this.definition.floatOnly && !isFloating(dtype)) {
      throw invalidType(this.label, "a floating dtype", dtype);
    }
    for (let i = 1; i < inputs.length; i++) {
      const input = inputs[i] as NdArray;
      if (input.dtype !== dtype) throw this.mixed(inputs);
      if (input.shape !== first.shape && !sameShape(input.shape, first.shape)) this.checkShapes(inputs);
    }
  }

  override forward(inputs: readonly NdArray[]): NdArray[] {
    const { definition, numbers } = this;
    const wanted = this.wantedOperands(inputs.length);
    if (wanted !== 0) {
      const { operands, output } = definition.needsOf(wanted);
      if (operands.length > 0) this.keep(operands);
      if (output) this.retainOutputs(firstIndex);
    }
    const { kernel } = definition;
    if (numbers.length === 0) {
      if (inputs.length === 1) return [kernel(inputs[0] as NdArray)];
      if (inputs.length === 2) return [kernel(inputs[0] as NdArray, inputs[1] as NdArray)];
      return [kernel(...inputs)];
    }
    if (numbers.length === 2) {
      const [a, b] = numbers as readonly [number | null, number | null];
      return [kernel(a ?? (inputs[0] as NdArray), b ?? (inputs[0] as NdArray))];
    }
    let next = 0;
    return [kernel(...numbers.map((n) => n ?? (inputs[next++] as NdArray)))];
  }

  override backward(indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const { definition, numbers } = this;
    const gradients = new Array<Variable | null>(indexes.length);
    let retained: readonly Variable[] | null = null;
    for (let i = 0; i < gradients.length; i++) {
      const index = indexes[i] as number;
      const derivative = definition.derivative(numbers.length === 0 ? index : this.operandOf(index));
      if (derivative.kind === "zero") {
        gradients[i] = null;
        continue;
      }
      let gradient = gy;
      if (derivative.kind === "function") {
        retained ??= this.getRetainedInputs();
        const operands = new Array<FunctionOperand>(derivative.sources.length);
        for (let k = 0; k < operands.length; k++) {
          operands[k] = this.source(derivative.sources[k] as number, retained, gy);
        }
        gradient = derivative.definition.call(operands);
      }
      const shape = this.inputShape(index);
      gradients[i] = gradient.shape === shape ? gradient : sumTo(gradient, shape);
    }
    return gradients;
  }

  private source(source: number, retained: readonly Variable[], gy: Variable): FunctionOperand {
    const { arity } = this.definition;
    if (source === arity + 1) return gy;
    if (source === arity) return this.getRetainedOutputs()[0] as Variable;
    return this.numbers[source] ?? (retained[this.kept.indexOf(source)] as Variable);
  }

  /** A bit for every operand whose gradient is wanted. */
  private wantedOperands(inputs: number): number {
    let bits = 0;
    for (let i = 0; i < inputs; i++) {
      if (this.wantsGradient(i)) bits |= 1 << (this.numbers.length === 0 ? i : this.operandOf(i));
    }
    return bits;
  }

  /** The operand that an input is. */
  private operandOf(input: number): number {
    const { numbers } = this;
    let seen = 0;
    for (let k = 0; k < numbers.length; k++) if (numbers[k] === null && seen++ === input) return k;
    return -1;
  }

  /** Retains the inputs among some operands. */
  private keep(operands: readonly number[]): void {
    const { numbers } = this;
    if (numbers.length === 0) {
      this.kept = operands;
      this.retainInputs(operands);
      return;
    }
    this.kept = operands.filter((k) => numbers[k] === null);
    this.retainInputs(this.kept.map((k) => numbers.slice(0, k).filter((n) => n === null).length));
  }

  private mixed(inputs: readonly NdArray[]): InvalidType {
    const dtypes: readonly DType[] = inputs.map((x) => x.dtype);
    return invalidType(this.label, "operands of one dtype (there is no promotion; use cast)", dtypes.join(", "));
  }

  private checkShapes(inputs: readonly NdArray[]): void {
    const ndim = Math.max(...inputs.map((x) => x.ndim));
    for (let back = 1; back <= ndim; back++) {
      let length = 1;
      for (const { shape } of inputs) {
        const own = shape[shape.length - back] ?? 1;
        if (own === 1 || own === length) continue;
        if (length !== 1) {
          const shapes = inputs.map((x) => formatShape(x.shape)).join(" and ");
          throw invalidType(this.label, "operands whose shapes broadcast together", shapes);
        }
        length = own;
      }
    }
  }
}
