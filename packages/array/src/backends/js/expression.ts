/** JavaScript source for the nodes of a typed graph. Booleans are the numbers 0 and 1; float32 rounds at every step. */
import { KernelError } from "../../errors.js";
import { isReference } from "../../kernel/reference.js";
import { nodeArgs, type ComputeType, type Node } from "../../kernel/program.js";

/** Source text of the leaves, which depend on the loop around them; `args` are the operands' names. */
export type LeafSource = (node: Node, args: readonly string[]) => string;

/** Writes `const` lines for nodes, each once, and remembers their names. */
export class Emitter {
  private readonly names = new Map<Node, string>();

  /** An emitter inside this one's block sees what has been named so far. */
  constructor(
    readonly lines: string[],
    private readonly leaf: LeafSource,
    private readonly outer: Emitter | null = null,
    private readonly prefix = "v",
  ) {}

  /** The name (or literal) that holds a node's value, emitting what is missing. */
  value(node: Node): string {
    const known = this.lookup(node);
    if (known !== undefined) return known;
    const args = nodeArgs(node).map((arg) => this.value(arg));
    const source = this.source(node, args);
    if (node.kind === "constant") return source;
    const name = `${this.prefix}${this.count()}`;
    this.names.set(node, name);
    this.lines.push(`const ${name} = ${source};`);
    return name;
  }

  private lookup(node: Node): string | undefined {
    return this.names.get(node) ?? this.outer?.lookup(node);
  }

  private count(): number {
    return this.names.size + (this.outer?.count() ?? 0);
  }

  private source(node: Node, args: readonly string[]): string {
    switch (node.kind) {
      case "constant":
      case "cast":
      case "bitcast":
      case "roundHalf":
      case "op":
        return nodeSource(node, args);
      default:
        return this.leaf(node, args);
    }
  }
}

/** Source of a node that is no leaf, on the names of its operands. */
export function nodeSource(node: Node, args: readonly string[]): string {
  switch (node.kind) {
    case "constant":
      // In parentheses, so that a minus before it does not make a decrement.
      return Object.is(node.value, -0) ? "(-0)" : node.value < 0 ? `(${node.value})` : String(node.value);
    case "cast":
      return castSource((nodeArgs(node)[0] as Node).type, node.type, args[0] as string);
    case "bitcast":
      return bitcastSource((nodeArgs(node)[0] as Node).type, node.type, args[0] as string);
    case "roundHalf":
      return `$.roundToHalf(${args[0]})`;
    case "op":
      return operationSource(node.op, node.type, (nodeArgs(node)[0] as Node).type, args);
    default:
      throw new KernelError(`a ${node.kind} has no source of its own`);
  }
}

function castSource(from: ComputeType, to: ComputeType, x: string): string {
  if (to === "bool") return `(${x} !== 0 ? 1 : 0)`;
  const fromFloat = from === "float32" || from === "float64";
  if (to === "int32") return fromFloat ? `$.toInt32(${x})` : `(${x} | 0)`;
  if (to === "uint32") return fromFloat ? `$.toUint32(${x})` : `(${x} >>> 0)`;
  return to === "float32" ? `$.f(${x})` : x;
}

function bitcastSource(from: ComputeType, to: ComputeType, x: string): string {
  if (from === "float32")
    return to === "float32" ? x : to === "int32" ? `$.floatBits(${x})` : `($.floatBits(${x}) >>> 0)`;
  if (to === "float32") return `$.bitsFloat(${x})`;
  return to === "int32" ? `(${x} | 0)` : `(${x} >>> 0)`;
}

const comparisons: Record<string, string> = { lt: "<", le: "<=", gt: ">", ge: ">=", eq: "===", ne: "!==" };
const infix: Record<string, string> = { add: "+", sub: "-", mul: "*", div: "/" };
const bitwise: Record<string, string> = { bitAnd: "&", bitOr: "|", bitXor: "^", shl: "<<" };

function operationSource(op: string, type: ComputeType, operandType: ComputeType, args: readonly string[]): string {
  const [a, b, c] = args as [string, string, string];
  if (op in comparisons) return `(${a} ${comparisons[op]} ${b} ? 1 : 0)`;
  if (op === "logicalAnd") return `(${a} & ${b})`;
  if (op === "logicalOr") return `(${a} | ${b})`;
  if (op === "logicalNot") return `(1 - ${a})`;
  if (op === "where") return `(${a} !== 0 ? ${b} : ${c})`;
  if (op === "max" || op === "min") return `Math.${op}(${a}, ${b})`;
  const wrap = wrapping(type);
  if (op === "bitNot") return operandType === "bool" ? `(1 - ${a})` : wrap(`~${a}`);
  if (op in bitwise) return wrap(`${a} ${bitwise[op]} ${b}`);
  if (op === "shr") return type === "uint32" ? `(${a} >>> ${b})` : `(${a} >> ${b})`;
  if (op === "neg") return wrap(`-${a}`);
  if (op === "abs") return wrap(`Math.abs(${a})`);
  if (type === "int32" || type === "uint32") {
    if (op === "mul") return wrap(`Math.imul(${a}, ${b})`);
    if (op === "fmod") return wrap(`(${b} === 0 ? 0 : ${a} % ${b})`);
    if (op === "idiv") return wrap(`(${b} === 0 ? 0 : Math.trunc(${a} / ${b}))`);
  }
  if (op in infix) return wrap(`${a} ${infix[op]} ${b}`);
  if (isReference(op)) return wrap(`$.${op}(${args.join(", ")})`);
  throw new KernelError(`operation ${op} on ${type} cannot be written in JavaScript`);
}

/** Brings a double back into the range of a type. */
function wrapping(type: ComputeType): (source: string) => string {
  switch (type) {
    case "float32":
      return (source) => `$.f(${source})`;
    case "float64":
      return (source) => `(${source})`;
    case "uint32":
      return (source) => `((${source}) >>> 0)`;
    case "int32":
    case "bool":
      return (source) => `((${source}) | 0)`;
  }
}
