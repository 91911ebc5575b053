/** From a traced expression to a typed graph: promotion, weak numbers, casts and shared subexpressions are settled here. */
import {
  accumulatorType,
  floatingType,
  isFloating,
  isInteger,
  promoteNumber,
  promoteTypes,
  type DType,
} from "../dtype.js";
import { InvalidType, KernelError } from "../errors.js";
import type { Expr, Hint, RowReduce } from "./expr.js";
import { arityOf, typeRuleOf, type OpName } from "./ops-table.js";
import type { ComputeType, Node } from "./program.js";
import { toExpr } from "./expr.js";

/** A node with the dtype that its value stands for. */
interface Typed {
  readonly node: Node;
  readonly dtype: DType;
  /** The value of an untyped number, which takes the dtype of what it meets. */
  readonly weak?: number;
}

/** The dtypes that an expression's leaves have. */
export interface LeafTypes {
  readonly parameters: readonly DType[];
  readonly scalars: readonly DType[];
  readonly buffers: readonly DType[];
  /** Resolves an inner reduction of a row-wise kernel. */
  readonly rowReduce?: (reduce: RowReduce, component: number) => { node: Node; dtype: DType };
}

/** Rewrites of operations into others for one compute type, for backends that lack an instruction for them. */
export type Expansions = (op: OpName, type: ComputeType) => ((...args: Expr[]) => Expr) | undefined;

/** The type that values of a dtype are computed in. */
export function computeType(dtype: DType): ComputeType {
  if (dtype === "uint8") return "int32";
  return dtype === "float16" ? "float32" : dtype;
}

const integerLimits: Partial<Record<DType, readonly [number, number]>> = {
  bool: [0, 1],
  uint8: [0, 255],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
};

/** A constant of a dtype: infinities become the extremes of an integer type, everything else wraps. */
export function constantOf(value: number, dtype: DType): number {
  const limits = integerLimits[dtype];
  if (limits === undefined) return computeType(dtype) === "float32" ? Math.fround(value) : value;
  if (value === Infinity) return limits[1];
  if (value === -Infinity) return limits[0];
  if (dtype === "bool") return value === 0 ? 0 : 1;
  const wrapped = Math.trunc(value) | 0;
  if (dtype === "uint8") return wrapped & 255;
  return dtype === "uint32" ? wrapped >>> 0 : wrapped;
}

/** Types expressions over given leaves; one instance per program, so that nodes are shared across its outputs. */
export class Lowering {
  private readonly seen = new Map<Expr, Typed>();
  private readonly nodes = new Map<string, Node>();
  private readonly ids = new Map<Node, number>();
  private readonly stand = new Map<Expr, Typed>();

  constructor(
    private readonly kernel: string,
    private readonly leaves: LeafTypes,
    private readonly expand: Expansions,
  ) {}

  /** Lowers an expression to a node and the dtype of its value. */
  lower(expr: Expr): { node: Node; dtype: DType } {
    const typed = this.type(expr);
    return { node: typed.node, dtype: typed.dtype };
  }

  /** Lowers an expression and converts it to `dtype`. */
  lowerTo(expr: Expr, dtype: DType): Node {
    return this.convert(this.type(expr), dtype).node;
  }

  private type(expr: Expr): Typed {
    let typed = this.stand.get(expr) ?? this.seen.get(expr);
    if (typed === undefined) {
      typed = this.typeFresh(expr);
      this.seen.set(expr, typed);
    }
    return typed;
  }

  private typeFresh(expr: Expr): Typed {
    switch (expr.kind) {
      case "parameter":
        return this.leaf(expr.kind, expr.index, this.leaves.parameters[expr.index]);
      case "scalar":
        return this.leaf(expr.kind, expr.index, this.leaves.scalars[expr.index]);
      case "constant":
        if (expr.boolean) return { node: this.constant(expr.value, "bool"), dtype: "bool" };
        return { node: this.constant(expr.value, "float32"), dtype: "float32", weak: expr.value };
      case "index":
      case "size":
        return { node: this.share({ kind: expr.kind, type: "int32" }), dtype: "int32" };
      case "at": {
        const dtype = this.leaves.buffers[expr.buffer];
        if (dtype === undefined) throw new KernelError(`${this.kernel}: no buffer ${expr.buffer} in this kernel`);
        const at = this.convert(this.type(expr.args[0]), "int32").node;
        return { node: this.share({ kind: "at", type: computeType(dtype), buffer: expr.buffer, args: [at] }), dtype };
      }
      case "cast": {
        const value = this.type(expr.args[0]);
        if (expr.dtype === "accumulator") return this.cast(value, accumulatorType(value.dtype));
        return this.cast(value, typeof expr.dtype === "string" ? expr.dtype : this.type(expr.dtype.like).dtype);
      }
      case "bitcast": {
        const value = this.type(expr.args[0]);
        if (value.node.type === "float64" || value.node.type === "bool") {
          throw new KernelError(`${this.kernel}: bitcast takes a 32-bit value, got ${value.dtype}`);
        }
        return { node: this.share({ kind: "bitcast", type: expr.dtype, args: [value.node] }), dtype: expr.dtype };
      }
      case "perRow":
        return this.type(expr.args[0]);
      case "rowReduce": {
        const resolve = this.leaves.rowReduce;
        if (resolve === undefined) throw new KernelError(`${this.kernel}: only a row-wise kernel reduces rows`);
        const { node, dtype } = resolve(expr.reduce, expr.component);
        return { node: this.shareNode(node), dtype };
      }
      case "op":
        return this.operation(expr.op, expr.args, expr.hint);
    }
  }

  private leaf(kind: "parameter" | "scalar", index: number, dtype: DType | undefined): Typed {
    if (dtype === undefined) throw new KernelError(`${this.kernel}: no ${kind} ${index} in this kernel`);
    return { node: this.share({ kind, type: computeType(dtype), index }), dtype };
  }

  private operation(op: OpName, exprs: readonly Expr[], hint?: Hint): Typed {
    if (exprs.length !== arityOf(op)) {
      throw new KernelError(`${this.kernel}: ${op} takes ${arityOf(op)} operands, got ${exprs.length}`);
    }
    const args = exprs.map((e) => this.type(e));
    switch (typeRuleOf(op)) {
      case "arithmetic":
        return this.arithmetic(op, args, this.common(args), hint);
      case "float":
        return this.emit(op, args, floatingType(this.common(args)));
      case "integer": {
        const dtype = this.common(args.map(wholeNumber));
        if (isFloating(dtype)) throw InvalidType.of(`${this.kernel} (${op})`, "integers or bools", dtype);
        return this.emit(op, args, dtype);
      }
      case "compare": {
        const dtype = this.common(args);
        return this.emit(op, args, dtype, "bool");
      }
      case "logical":
        return this.emit(op, args, "bool");
      case "select": {
        const [condition, a, b] = args as [Typed, Typed, Typed];
        const dtype = this.common([a, b]);
        const operands = [this.convert(condition, "bool"), this.convert(a, dtype), this.convert(b, dtype)];
        return this.build(op, operands, dtype, computeType(dtype), hint);
      }
    }
  }

  /** bool has no arithmetic of its own: sums are "or", products "and"; uint8 wraps at 256. */
  private arithmetic(op: OpName, args: readonly Typed[], dtype: DType, hint?: Hint): Typed {
    if (dtype === "bool") {
      if (op === "add" || op === "max") return this.emit("logicalOr", args, "bool");
      if (op === "mul" || op === "min") return this.emit("logicalAnd", args, "bool");
      if (op === "abs") return args[0] as Typed;
      throw InvalidType.of(`${this.kernel} (${op})`, "numbers", "bool; cast to int32 first");
    }
    if (op === "abs" && (dtype === "uint8" || dtype === "uint32")) return args[0] as Typed;
    return this.emit(op, args, dtype, dtype, hint);
  }

  /** Promotes operands to one dtype; weak numbers adapt to the rest. */
  private common(args: readonly Typed[]): DType {
    let dtype: DType | undefined;
    for (const arg of args) {
      if (arg.weak === undefined) dtype = dtype === undefined ? arg.dtype : promoteTypes(dtype, arg.dtype);
    }
    if (dtype === undefined) return args.some((a) => isFloating(a.dtype)) ? "float32" : "int32";
    for (const arg of args) {
      if (arg.weak === undefined) continue;
      // Infinity in an integer kernel means the type's extreme (the identity of max and min).
      if (isInteger(dtype) && Math.abs(arg.weak) === Infinity) continue;
      dtype = promoteNumber(dtype, arg.weak);
    }
    return dtype;
  }

  private emit(op: OpName, args: readonly Typed[], operandType: DType, resultType = operandType, hint?: Hint): Typed {
    const operands = args.map((a) => this.convert(a, operandType));
    return this.build(op, operands, resultType, computeType(resultType), hint);
  }

  private build(op: OpName, operands: readonly Typed[], dtype: DType, type: ComputeType, hint?: Hint): Typed {
    const expansion = this.expand(op, (operands[operands.length - 1] as Typed).node.type);
    if (expansion !== undefined) return this.expandWith(expansion, operands, dtype);
    const args = operands.map((o) => o.node);
    const node = this.share({ kind: "op", op, type, args, ...(hint === undefined ? {} : { hint }) });
    const wraps = dtype === "uint8" && op !== "where" && op !== "max" && op !== "min";
    if (!wraps) return { node, dtype };
    const low = this.share({ kind: "op", op: "bitAnd", type: "int32", args: [node, this.constant(255, "int32")] });
    return { node: low, dtype };
  }

  private expandWith(expansion: (...args: Expr[]) => Expr, operands: readonly Typed[], dtype: DType): Typed {
    // The expansion is traced over placeholders that stand for the operands, in their compute type.
    const placeholders = operands.map((operand) => {
      const placeholder: Expr = { kind: "parameter", index: -1 };
      this.stand.set(placeholder, { node: operand.node, dtype: operand.node.type });
      return placeholder;
    });
    return { node: this.type(expansion(...placeholders)).node, dtype };
  }

  private convert(value: Typed, dtype: DType): Typed {
    if (value.weak !== undefined) return { node: this.constant(value.weak, dtype), dtype };
    if (value.dtype === dtype) return value;
    const type = computeType(dtype);
    let node = value.node;
    if (node.kind === "constant") {
      node = this.constant(node.value, type);
    } else if (node.type !== type) {
      node = this.share({ kind: "cast", type, args: [node] });
    }
    if (dtype === "uint8" && value.dtype !== "bool") {
      node = this.share({ kind: "op", op: "bitAnd", type: "int32", args: [node, this.constant(255, "int32")] });
    }
    return { node, dtype };
  }

  /** A conversion that was asked for, and so rounds; operands of float16 operations stay in float32 until stored. */
  private cast(value: Typed, dtype: DType): Typed {
    const converted = this.convert(value, dtype);
    const exact = value.dtype === "bool" || value.dtype === "uint8" || value.dtype === dtype;
    if (dtype !== "float16" || exact || value.weak !== undefined) return converted;
    return { node: this.share({ kind: "roundHalf", type: "float32", args: [converted.node] }), dtype };
  }

  private constant(value: number, dtype: DType): Node {
    return this.share({ kind: "constant", type: computeType(dtype), value: constantOf(value, dtype) });
  }

  /** Adopts a node that another lowering made. */
  private shareNode(node: Node): Node {
    return this.share(node);
  }

  private share(node: Node): Node {
    const args = "args" in node ? node.args.map((a) => this.idOf(a)).join(",") : "";
    const detail =
      node.kind === "constant"
        ? `${Object.is(node.value, -0) ? "-0" : node.value}`
        : node.kind === "op"
          ? `${node.op}${node.hint ?? ""}`
          : node.kind === "at"
            ? node.buffer
            : node.kind === "rowValue"
              ? `${node.pass}.${node.component}`
              : "index" in node
                ? node.index
                : "";
    const key = `${node.kind}:${node.type}:${detail}:${args}`;
    const existing = this.nodes.get(key);
    if (existing !== undefined) return existing;
    this.nodes.set(key, node);
    return node;
  }

  private idOf(node: Node): number {
    let id = this.ids.get(node);
    if (id === undefined) {
      id = this.ids.size;
      this.ids.set(node, id);
    }
    return id;
  }
}

/** In integer operations an untyped whole number counts as an integer. */
function wholeNumber(value: Typed): Typed {
  return value.weak !== undefined && Number.isInteger(value.weak) ? { ...value, dtype: "int32" } : value;
}

/** Lists a result as an array of expressions. */
export function resultExprs(result: unknown, kernel: string): { exprs: Expr[]; single: boolean } {
  const single = !Array.isArray(result);
  const list: unknown[] = Array.isArray(result) ? result : [result];
  if (list.length === 0) throw new KernelError(`${kernel}: a kernel has at least one output`);
  return { exprs: list.map((e) => toExpr(e as Expr | number)), single };
}
