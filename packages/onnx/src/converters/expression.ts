import type { DType } from "@chain/array";
import type { Expr } from "@chain/array/kernel";
import { UnsupportedFunctionError } from "../converter.js";
import { dataTypeOf, type OnnxGraph } from "../onnx-graph.js";
import { operatorFor } from "./patterns.js";

type OpName = Extract<Expr, { kind: "op" }>["op"];

/** Operators that compute what an operation of the kernel language does, from the same operands. */
const operators: Readonly<Partial<Record<OpName, string>>> = {
  add: "Add",
  sub: "Sub",
  mul: "Mul",
  neg: "Neg",
  abs: "Abs",
  max: "Max",
  min: "Min",
  div: "Div",
  pow: "Pow",
  sqrt: "Sqrt",
  floor: "Floor",
  ceil: "Ceil",
  rint: "Round",
  exp: "Exp",
  log: "Log",
  sin: "Sin",
  cos: "Cos",
  tan: "Tan",
  asin: "Asin",
  acos: "Acos",
  atan: "Atan",
  sinh: "Sinh",
  cosh: "Cosh",
  tanh: "Tanh",
  asinh: "Asinh",
  acosh: "Acosh",
  atanh: "Atanh",
  erf: "Erf",
  lt: "Less",
  le: "LessOrEqual",
  gt: "Greater",
  ge: "GreaterOrEqual",
  eq: "Equal",
  logicalAnd: "And",
  logicalOr: "Or",
  logicalNot: "Not",
  where: "Where",
};

const truthValues: ReadonlySet<string> = new Set<OpName>([
  "lt",
  "le",
  "gt",
  "ge",
  "eq",
  "ne",
  "logicalAnd",
  "logicalOr",
  "logicalNot",
]);

/** Translates expressions over operands of one dtype; what they share is computed once. */
export class ExpressionConverter {
  private readonly done = new Map<Expr, string>();

  constructor(
    /** For messages. */
    private readonly name: string,
    /** Names of the values that parameters stand for. */
    private readonly operands: readonly string[],
    private readonly dtype: DType,
    private readonly graph: OnnxGraph,
  ) {}

  /** The name of an expression's value. */
  convert(expr: Expr): string {
    const known = this.done.get(expr);
    if (known !== undefined) return known;
    const value = this.translate(expr);
    this.done.set(expr, value);
    return value;
  }

  private translate(expr: Expr): string {
    const { graph } = this;
    const known = operatorFor(expr);
    if (known !== null) return graph.op(known.operator, [this.number(known.operand)]);
    switch (expr.kind) {
      case "parameter":
        return this.operands[expr.index] as string;
      case "constant":
        return graph.scalar(expr.value, expr.boolean ? "bool" : this.dtype);
      case "cast":
        return graph.op("Cast", [this.convert(expr.args[0])], { to: dataTypeOf(this.castTarget(expr.dtype)) });
      case "op":
        return this.operation(expr.op, expr.args);
      default:
        throw this.unsupported(expr.kind);
    }
  }

  private operation(op: OpName, args: readonly Expr[]): string {
    const { graph } = this;
    const logical = op.startsWith("logical");
    const values = args.map((arg, i) => (logical || (op === "where" && i === 0) ? this.truth(arg) : this.number(arg)));
    // ONNX has no operator for the next two; what they save of small numbers is lost.
    if (op === "expm1") return graph.op("Sub", [graph.op("Exp", values), graph.scalar(1, this.dtype)]);
    if (op === "log1p") return graph.op("Log", [graph.op("Add", [...values, graph.scalar(1, this.dtype)])]);
    if (op === "ne") return graph.op("Not", [graph.op("Equal", values)]);
    const type = operators[op];
    if (type === undefined) throw this.unsupported(op);
    return graph.op(type, values);
  }

  /** An expression as a truth value. */
  private truth(expr: Expr): string {
    const value = this.convert(expr);
    return isTruth(expr) ? value : this.graph.op("Cast", [value], { to: dataTypeOf("bool") });
  }

  /** An expression as a number: a truth value as 0 or 1. */
  private number(expr: Expr): string {
    const value = this.convert(expr);
    return isTruth(expr) ? this.graph.op("Cast", [value], { to: dataTypeOf(this.dtype) }) : value;
  }

  private castTarget(target: Extract<Expr, { kind: "cast" }>["dtype"]): DType {
    if (typeof target === "object") return this.dtype;
    if (target === "accumulator") throw this.unsupported("a cast to the dtype of sums");
    return target;
  }

  private unsupported(word: string): UnsupportedFunctionError {
    return new UnsupportedFunctionError(
      `${this.name} cannot be exported: there is no ONNX operator for "${word}"; compose the function of others`,
    );
  }
}

function isTruth(expr: Expr): boolean {
  return expr.kind === "op" ? truthValues.has(expr.op) : expr.kind === "constant" && expr.boolean;
}
