/** JavaScript for gpu.js: every value is a float there; bools are 0 and 1, integers are whole numbers up to 2^24. */
import { nodeArgs, type Node, type OpName } from "@chain/array/backend";
import { nativeName } from "./native.js";

/** Source of the leaves, which depend on the kernel around them; `args` are the operands' names. */
export type LeafSource = (node: Node, args: readonly string[]) => string;

/** How operations are written: as functions of GLSL (for a GPU), or as JavaScript's (for the CPU). */
export type Dialect = "native" | "math";

const infix: Partial<Record<string, string>> = { add: "+", sub: "-", mul: "*", div: "/" };
const comparisons: Partial<Record<string, string>> = { lt: "<", le: "<=", gt: ">", ge: ">=", eq: "===", ne: "!==" };
/** What truth values make of operations on numbers. */
const ofBools: Partial<Record<string, string>> = {
  add: "max",
  max: "max",
  bitOr: "max",
  mul: "min",
  min: "min",
  bitAnd: "min",
  bitXor: "different",
  bitNot: "logicalNot",
  abs: "same",
};
const logical = new Set(["logicalAnd", "logicalOr", "logicalNot"]);
const ofIntegers = new Set(["add", "sub", "mul", "neg", "abs", "max", "min", "fmod", "idiv", "where"]);
const ofFloats = new Set(["add", "sub", "mul", "div", "neg", "max", "min", "where", "rint"]);
const exact = new Set(["abs", "sqrt", "floor", "ceil", "trunc"]);
/** What gpu.js has JavaScript compute, in float64, when it runs on the CPU. */
const ofMath = new Set(
  "exp expm1 log log1p log2 log10 sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh cbrt".split(" "),
);
const onlyNative = new Set("erf erfc erfinv lgamma digamma pow fmod".split(" "));

/** Whether kernels can compute a node, given that they can compute its operands. */
export function canCompute(node: Node, dialect: Dialect): boolean {
  if (node.type === "float64" || node.kind === "bitcast" || node.kind === "roundHalf") return false;
  if (node.kind === "cast") return !(isInteger(node) && (nodeArgs(node)[0] as Node).type === "float32");
  if (node.kind !== "op") return true;
  const { op } = node;
  if (comparisons[op] !== undefined || logical.has(op)) return true;
  if (isInteger(node)) return ofIntegers.has(op);
  if (node.type === "bool") return op === "where" || ofBools[op] !== undefined;
  return isFloatOperation(op, dialect);
}

/** Whether kernels have a word for an operation on float32. */
export function isFloatOperation(op: OpName, dialect: Dialect): boolean {
  if (ofFloats.has(op) || exact.has(op) || ofMath.has(op)) return true;
  return comparisons[op] !== undefined || logical.has(op) || (dialect === "native" && onlyNative.has(op));
}

function isInteger({ type }: Node): boolean {
  return type === "int32" || type === "uint32";
}

/** Writes `const` lines for nodes, each once, and remembers their names. */
export class Emitter {
  private readonly names = new Map<Node, string>();

  constructor(
    private readonly lines: string[],
    private readonly dialect: Dialect,
    private readonly leaf: LeafSource,
    private readonly prefix: string,
  ) {}

  /** The name (or literal) that holds a node's value, emitting what is missing. */
  value(node: Node): string {
    const known = this.names.get(node);
    if (known !== undefined) return known;
    const args = nodeArgs(node).map((arg) => this.value(arg));
    const source = this.source(node, args);
    if (node.kind === "constant") return source;
    const name = `${this.prefix}${this.names.size}`;
    this.names.set(node, name);
    this.lines.push(`const ${name} = ${source};`);
    return name;
  }

  private source(node: Node, args: readonly string[]): string {
    switch (node.kind) {
      case "constant":
        return literal(node.value);
      case "cast":
        return node.type === "bool" ? truth(`${args[0]} !== 0`) : (args[0] as string);
      case "op":
        return this.operation(node.op, node, args as [string, string, string]);
      default:
        return this.leaf(node, args);
    }
  }

  private operation(op: OpName, node: Node, [a, b, c]: readonly [string, string, string]): string {
    const operands = nodeArgs(node);
    if (op === "ne" && operands[0] === operands[1]) {
      return this.dialect === "native" ? `${nativeName("isNaN")}(${a})` : truth(`${a} !== ${a}`);
    }
    if (comparisons[op] !== undefined) return truth(`${a} ${comparisons[op]} ${b}`);
    const meant = node.type === "bool" ? (ofBools[op] ?? op) : op;
    switch (meant) {
      case "where":
        return `(${a} !== 0 ? ${b} : ${c})`;
      case "logicalAnd":
        return `(${a} * ${b})`;
      case "logicalOr":
        return `Math.max(${a}, ${b})`;
      case "logicalNot":
        return `(1 - ${a})`;
      case "different":
        return truth(`${a} !== ${b}`);
      case "same":
        return a;
      case "neg":
        return `(-${a})`;
      case "rint":
        return `halfToEven(${a})`;
      case "idiv":
        return `integerQuotient(${a}, ${b})`;
      case "fmod":
        return node.type === "float32" ? `${nativeName("fmod")}(${a}, ${b})` : `integerRest(${a}, ${b})`;
      default: {
        const symbol = infix[meant];
        if (symbol !== undefined) return `(${a} ${symbol} ${b})`;
        const plain = this.dialect === "math" || exact.has(meant) || node.type !== "float32";
        return `${plain ? `Math.${meant}` : nativeName(meant)}(${operands.length === 1 ? a : `${a}, ${b}`})`;
      }
    }
  }
}

function truth(condition: string): string {
  return `(${condition} ? 1.0 : 0.0)`;
}

/** A number; those that cannot be written are arguments of every kernel that needs them. */
export function literal(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "(-inf)";
  const text = String(value);
  return Object.is(value, -0) || value < 0 ? `(-${String(-value)})` : text;
}
