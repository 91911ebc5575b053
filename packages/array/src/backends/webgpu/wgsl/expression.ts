/** WGSL for the nodes of a typed graph. Booleans are `bool`; float64 does not exist here. */
import { KernelError } from "../../../errors.js";
import { nodeArgs, type ComputeType, type Node } from "../../../kernel/program.js";

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

  constructor(
    readonly lines: string[],
    private readonly leaf: LeafSource,
    private readonly prefix = "v",
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
      if (Object.is(value, -0)) return "bitcast<f32>(params[0].z)";
      const text = String(Math.fround(value));
      return /[.e]/.test(text) ? `f32(${text})` : `f32(${text}.0)`;
    }
  }
}

function castSource(from: ComputeType, to: ComputeType, x: string): string {
  if (to === "bool") return from === "float32" ? `(!(${x} == 0.0))` : `(${x} != ${wgslType(from)}(0))`;
  if (from === "float32" && to === "int32") return `float_to_int(${x})`;
  if (from === "float32" && to === "uint32") return `float_to_uint(${x})`;
  return `${wgslType(to)}(${x})`;
}

const comparisons: Record<string, string> = { lt: "<", le: "<=", gt: ">", ge: ">=", eq: "==" };
const infix: Record<string, string> = { add: "+", sub: "-", mul: "*", div: "/" };
const bitwise: Record<string, string> = { bitAnd: "&", bitOr: "|", bitXor: "^" };
const builtins: Record<string, string> = { sqrt: "sqrt", floor: "floor", ceil: "ceil", trunc: "trunc", rint: "round" };

/** Operations that are emitted here; others are expanded from the kernel language. */
export function isWgslOperation(op: string, type: ComputeType): boolean {
  if (type === "float64") return false;
  return op in builtins || op === "pow" || op === "fmod" || op === "ipow";
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
  if (op === "ipow") return `${wgslType(type)}(int_pow(i32(${a}), i32(${b})))`;
  if (op === "pow") return `float_pow(${a}, ${b})`;
  const symbol = infix[op];
  if (symbol !== undefined) return `(${a} ${symbol} ${b})`;
  const builtin = builtins[op];
  if (builtin !== undefined) return `${builtin}(${args.join(", ")})`;
  throw new KernelError(`operation ${op} on ${type} cannot be written in WGSL`);
}

function unsigned(x: string, type: ComputeType): string {
  return type === "uint32" ? x : `u32(${x})`;
}

/** Functions that kernels may call. `params[0].xyz` are the bits of infinity, NaN and -0. */
export const wgslLibrary = `
fn infinity() -> f32 { return bitcast<f32>(params[0].x); }
fn not_a_number() -> f32 { return bitcast<f32>(params[0].y); }
fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
fn nan_max(a: f32, b: f32) -> f32 { return select(select(max(a, b), b, is_nan(b)), a, is_nan(a)); }
fn nan_min(a: f32, b: f32) -> f32 { return select(select(min(a, b), b, is_nan(b)), a, is_nan(a)); }
fn float_to_int(x: f32) -> i32 {
  if (is_nan(x)) { return 0; }
  if (x >= 2147483648.0) { return 2147483647; }
  if (x <= -2147483648.0) { return i32(-2147483648); }
  return i32(x);
}
fn float_to_uint(x: f32) -> u32 {
  if (!(x > 0.0)) { return 0u; }
  if (x >= 4294967296.0) { return 4294967295u; }
  return u32(x);
}
fn round_half(x: f32) -> f32 {
  if (is_nan(x) || abs(x) >= 65520.0) { return select(select(-infinity(), infinity(), x > 0.0), x, is_nan(x)); }
  return unpack2x16float(pack2x16float(vec2<f32>(x, 0.0))).x;
}
fn int_mod_i32(a: i32, b: i32) -> i32 { return select(a % select(b, 1, b == 0 || b == -1), 0, b == 0 || b == -1); }
fn int_mod_u32(a: u32, b: u32) -> u32 { return select(a % select(b, 1u, b == 0u), 0u, b == 0u); }
fn int_div_i32(a: i32, b: i32) -> i32 {
  if (b == 0) { return 0; }
  if (b == -1) { return -a; }
  return a / b;
}
fn int_div_u32(a: u32, b: u32) -> u32 { return select(a / select(b, 1u, b == 0u), 0u, b == 0u); }
fn int_pow(base: i32, exponent: i32) -> i32 {
  if (exponent < 0) {
    if (base == 1) { return 1; }
    if (base == -1) { return select(-1, 1, (exponent & 1) == 0); }
    return 0;
  }
  var result = 1;
  var b = base;
  var e = exponent;
  loop {
    if (e == 0) { break; }
    if ((e & 1) == 1) { result = result * b; }
    b = b * b;
    e = e >> 1u;
  }
  return result;
}
fn float_mod(a: f32, b: f32) -> f32 {
  // Exact: subtracts b·2^k while it fits, as long division does.
  let x = abs(a);
  let y = abs(b);
  if (is_nan(a) || is_nan(b) || y == 0.0 || x >= infinity()) { return not_a_number(); }
  if (x < y) { return a; }
  var rest = x;
  var k = i32(bitcast<u32>(x) >> 23u) - i32(max(bitcast<u32>(y) >> 23u, 1u));
  loop {
    if (k < 0) { break; }
    let part = ldexp(y, k);
    if (part <= rest) { rest = rest - part; }
    k = k - 1;
  }
  return bitcast<f32>(bitcast<u32>(rest) | (bitcast<u32>(a) & 0x80000000u));
}
fn float_pow(a: f32, b: f32) -> f32 {
  if (a == 1.0 || b == 0.0) { return 1.0; }
  if (is_nan(a) || is_nan(b)) { return not_a_number(); }
  let magnitude = abs(a);
  let whole = floor(b) == b;
  let odd = whole && abs(b) < 16777216.0 && (float_to_int(b) & 1) == 1;
  var value: f32;
  if (magnitude == 1.0) { value = 1.0; }
  else if (magnitude == 0.0 || abs(b) >= infinity() || magnitude >= infinity()) {
    value = select(0.0, infinity(), (magnitude > 1.0) == (b > 0.0));
  } else if (whole && abs(b) <= 64.0) {
    var n = abs(float_to_int(b));
    var base = magnitude;
    value = 1.0;
    loop {
      if (n == 0) { break; }
      if ((n & 1) == 1) { value = value * base; }
      base = base * base;
      n = n >> 1u;
    }
    if (b < 0.0) { value = 1.0 / value; }
  } else { value = pow(magnitude, b); }
  if (bitcast<u32>(a) < 0x80000000u) { return value; }
  if (odd) { return -value; }
  if (a == 0.0 || a <= -infinity() || abs(b) >= infinity() || whole) { return value; }
  return not_a_number();
}
`;
