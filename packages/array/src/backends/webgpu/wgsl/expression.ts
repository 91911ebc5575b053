/** WGSL for the nodes of a typed graph. Booleans are `bool`; float64 does not exist here. */
import { KernelError } from "../../../errors.js";
import { mightCancel } from "../../../kernel/might-cancel.js";
import { nodeArgs, type ComputeType, type Node } from "../../../kernel/program.js";
import { isKernelFunction, kernelFunctionName } from "./kernel-functions.js";

/** WGSL's name of a compute type. */
export function wgslType(type: ComputeType): string {
  switch (type) {
    case "float32":
      return "f32";
    case "int32":
      return "i32";
    case "uint32":
      return "u32";
    case "bool":
      return "bool";
    case "float64":
      throw new KernelError("WGSL has no float64");
  }
}

/** Source text of the leaves, which depend on the loop around them; `args` are the operands' names. */
export type LeafSource = (node: Node, args: readonly string[]) => string;

/** Writes `let` lines for nodes, each once, and remembers their names. */
export class WgslEmitter {
  private readonly names = new Map<Node, string>();

  /** @param shared - an emitter of earlier lines for the nodes that it knows to be the same wherever they are used */
  constructor(
    readonly lines: string[],
    private readonly leaf: LeafSource,
    private readonly prefix = "v",
    private readonly shared: { has: (node: Node) => boolean; emitter: WgslEmitter } | null = null,
  ) {}

  /** The name (or literal) that holds a node's value, emitting what is missing. */
  value(node: Node): string {
    const known = this.names.get(node);
    if (known !== undefined) return known;
    if (this.shared?.has(node) === true) return this.shared.emitter.value(node);
    const args = nodeArgs(node).map((arg, i) => {
      const value = this.value(arg);
      return mightCancel(node, i) ? `opaque(${value})` : value;
    });
    const source = this.source(node, args);
    if (node.kind === "constant") return source;
    const name = `${this.prefix}${this.names.size}`;
    this.names.set(node, name);
    this.lines.push(`let ${name} = ${source};`);
    return name;
  }

  private source(node: Node, args: readonly string[]): string {
    const operand = nodeArgs(node)[0];
    switch (node.kind) {
      case "constant":
        return constantSource(node.value, node.type);
      case "cast":
        return castSource(operand?.type ?? node.type, node.type, args[0] as string);
      case "bitcast":
        return `bitcast<${wgslType(node.type)}>(${args[0]})`;
      case "roundHalf":
        return `round_half(${args[0]})`;
      case "op":
        return operationSource(node.op, node.type, operand?.type ?? node.type, args, nodeArgs(node));
      default:
        return this.leaf(node, args);
    }
  }
}

/** WGSL rejects constants that are not finite: those come from bit patterns in the parameters. */
export function constantSource(value: number, type: ComputeType): string {
  switch (type) {
    case "bool":
      return value === 0 ? "false" : "true";
    case "int32":
      return value === -(2 ** 31) ? "i32(-2147483648)" : `i32(${value})`;
    case "uint32":
      return `${value}u`;
    default: {
      if (Number.isNaN(value)) return "not_a_number()";
      if (value === Infinity) return "infinity()";
      if (value === -Infinity) return "(-infinity())";
      if (Object.is(value, -0)) return "negative_zero()";
      const text = String(Math.fround(value));
      return /[.e]/.test(text) ? `f32(${text})` : `f32(${text}.0)`;
    }
  }
}

function castSource(from: ComputeType, to: ComputeType, x: string): string {
  if (to === "bool") return from === "float32" ? `(!(${x} == 0.0))` : `(${x} != ${wgslType(from)}(0))`;
  if (from === "float32" && to === "int32") return `float_to_int(${x})`;
  if (from === "float32" && to === "uint32") return `float_to_uint(${x})`;
  if (from === "uint32" && to === "float32") return `uint_to_float(${x})`;
  return `${wgslType(to)}(${x})`;
}

const comparisons: Record<string, string> = { lt: "<", le: "<=", gt: ">", ge: ">=", eq: "==" };
const infix: Record<string, string> = { add: "+", sub: "-", mul: "*", div: "/" };
const bitwise: Record<string, string> = { bitAnd: "&", bitOr: "|", bitXor: "^" };
const builtins: Record<string, string> = { sqrt: "sqrt", floor: "floor", ceil: "ceil", trunc: "trunc", rint: "round" };

/** Operations that are emitted here: all but those on float64, which WGSL has not. */
export function isWgslOperation(_op: string, type: ComputeType): boolean {
  return type !== "float64";
}

function operationSource(
  op: string,
  type: ComputeType,
  operandType: ComputeType,
  args: readonly string[],
  nodes: readonly Node[],
): string {
  const [a, b, c] = args as [string, string, string];
  const comparison = comparisons[op];
  if (comparison !== undefined) {
    if (operandType === "bool") return op === "eq" ? `(${a} == ${b})` : `(u32(${a}) ${comparison} u32(${b}))`;
    return `(${a} ${comparison} ${b})`;
  }
  // Comparing a value with itself asks whether it is NaN, which compilers may assume away.
  if (op === "ne") return operandType === "float32" && nodes[0] === nodes[1] ? `is_nan(${a})` : `(!(${a} == ${b}))`;
  if (op === "logicalAnd") return `(${a} && ${b})`;
  if (op === "logicalOr") return `(${a} || ${b})`;
  if (op === "logicalNot") return `(!${a})`;
  if (op === "where") return `select(${c}, ${b}, ${a})`;
  if (op === "bitNot") return operandType === "bool" ? `(!${a})` : `(~${a})`;
  if (op in bitwise) return operandType === "bool" && op === "bitXor" ? `(${a} != ${b})` : `(${a} ${bitwise[op]} ${b})`;
  if (op === "shl") return `(${a} << (${unsigned(b, operandType)} & 31u))`;
  if (op === "shr") return `(${a} >> (${unsigned(b, operandType)} & 31u))`;
  if (op === "max" || op === "min") return type === "float32" ? `nan_${op}(${a}, ${b})` : `${op}(${a}, ${b})`;
  if (op === "neg") return type === "uint32" ? `(0u - ${a})` : `(-${a})`;
  if (op === "abs") return `abs(${a})`;
  if (op === "fmod") return type === "float32" ? `float_mod(${a}, ${b})` : `int_mod_${wgslType(type)}(${a}, ${b})`;
  if (op === "idiv") return `int_div_${wgslType(type)}(${a}, ${b})`;
  if (op === "ipow") return type === "uint32" ? `uint_pow(${a}, ${b})` : `int_pow(${a}, ${b})`;
  const symbol = infix[op];
  if (symbol !== undefined) return `(${a} ${symbol} ${b})`;
  const builtin = builtins[op];
  if (builtin !== undefined) return `${builtin}(${args.join(", ")})`;
  if (type === "float32" && isKernelFunction(op)) return `${kernelFunctionName(op)}(${args.join(", ")})`;
  throw new KernelError(`operation ${op} on ${type} cannot be written in WGSL`);
}

function unsigned(x: string, type: ComputeType): string {
  return type === "uint32" ? x : `u32(${x})`;
}
