/** Functions in GLSL, for WebGL2: those of float32 that GLSL has not, or not exactly enough, written out by the array package. */
import {
  expandedOperation,
  mightCancel,
  nodeArgs,
  type ComputeType,
  type Node,
  type OpName,
} from "@chain/array/backend";

/** A function in GLSL that kernels can call. */
export interface NativeHelper {
  readonly name: string;
  readonly source: string;
  readonly argumentTypes: Readonly<Record<string, string>>;
  readonly returnType: "Float";
}

const operations = (
  "exp expm1 log log1p log2 log10 sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh cbrt " +
  "erf erfc erfinv lgamma digamma pow"
).split(" ") as OpName[];

const infinity = "uintBitsToFloat(0x7f800000u)";
const notANumber = "uintBitsToFloat(0x7fc00000u)";

const written: readonly (readonly [name: string, parameters: number, body: string])[] = [
  ["isNaN", 1, `return ${isNaN("x0")} ? 1.0 : 0.0;`],
  ["max", 2, `return ${extremum("max", "x0", "x1")};`],
  ["min", 2, `return ${extremum("min", "x0", "x1")};`],
  [
    // Exact: subtracts b·2^k while it fits, as long division does.
    "fmod",
    2,
    `float rest = abs(x0);
  float y = abs(x1);
  if (${isNaN("x0")} || ${isNaN("x1")} || y == 0.0 || rest >= ${infinity}) { return ${notANumber}; }
  if (rest < y) { return x0; }
  int k = int(floatBitsToUint(rest) >> 23) - int(max(floatBitsToUint(y) >> 23, 1u));
  for (; k >= 0; k--) {
    float part = y * uintBitsToFloat(uint(k / 2 + 127) << 23) * uintBitsToFloat(uint(k - k / 2 + 127) << 23);
    if (part <= rest) { rest -= part; }
  }
  return x0 < 0.0 ? -rest : rest;`,
  ],
];

/** The name of an operation's function in generated kernels. */
export function nativeName(op: string): string {
  return `native_${op}`;
}

/** All of them. A kernel carries those that it calls, with what they call in turn. */
export function nativeHelpers(): NativeHelper[] {
  return [
    ...written.map(([op, count, body]) => native(op, count, functionSource(nativeName(op), count, body))),
    ...operations.map((op) => native(op, parameterCount(op), expandedSource(nativeName(op), op))),
  ];
}

function native(op: string, count: number, source: string): NativeHelper {
  const argumentTypes = Object.fromEntries(parameters(count).map((name) => [name, "Float"]));
  return { name: nativeName(op), source, argumentTypes, returnType: "Float" };
}

function parameterCount(op: OpName): number {
  return op === "atan2" || op === "pow" ? 2 : 1;
}

function parameters(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `x${i}`);
}

function functionSource(name: string, count: number, body: string): string {
  const list = parameters(count).map((parameter) => `float ${parameter}`);
  return `float ${name}(${list.join(", ")}) {\n  ${body}\n}`;
}

/** An operation that is written out; functions that it calls come before it, under names of their own. */
function expandedSource(name: string, op: OpName): string {
  const called = new Map<OpName, string>();
  const body = statements(expandedOperation(op) as Node, (other) => {
    const own = `${name}_${other}`;
    if (!called.has(other)) called.set(other, expandedSource(own, other));
    return own;
  });
  return [...called.values(), functionSource(name, parameterCount(op), body)].join("\n");
}

/** A graph of nodes as statements, each node once; `call` names the function of an operation. */
function statements(result: Node, call: (op: OpName) => string): string {
  const lines: string[] = [];
  const names = new Map<Node, string>();
  const value = (node: Node): string => {
    const known = names.get(node);
    if (known !== undefined) return known;
    const args = nodeArgs(node).map((arg, i) => (mightCancel(node, i) ? opaque(value(arg)) : value(arg)));
    const source = expression(node, args, call);
    if (node.kind === "constant" || node.kind === "parameter") return source;
    const name = `v${names.size}`;
    names.set(node, name);
    lines.push(`${types[node.type]} ${name} = ${source};`);
    return name;
  };
  const returned = value(result);
  return [...lines, `return ${returned};`].join("\n  ");
}

const types: Record<ComputeType, string> = {
  bool: "bool",
  int32: "int",
  uint32: "uint",
  float32: "float",
  float64: "float",
};

const infix: Record<string, string> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  bitAnd: "&",
  bitOr: "|",
  bitXor: "^",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
  eq: "==",
  ne: "!=",
  logicalAnd: "&&",
  logicalOr: "||",
};
const calls: Record<string, string> = { abs: "abs", sqrt: "sqrt", floor: "floor", ceil: "ceil", trunc: "trunc" };

function expression(node: Node, args: readonly string[], call: (op: OpName) => string): string {
  const [a] = args as [string];
  const from = nodeArgs(node)[0]?.type ?? node.type;
  switch (node.kind) {
    case "parameter":
      return `x${node.index}`;
    case "constant":
      return literal(node.value, node.type);
    case "cast":
      return node.type === "bool" ? `(${a} != ${types[from]}(0))` : `${types[node.type]}(${a})`;
    case "bitcast":
      return bitcast(from, node.type, a);
    case "op":
      return operation(node.op, node, args, call);
    default:
      throw new Error(`unexpected ${node.kind} in a function of numbers`);
  }
}

function operation(op: OpName, node: Node, args: readonly string[], call: (op: OpName) => string): string {
  const [a, b, c] = args as [string, string, string];
  const operands = nodeArgs(node);
  if (op === "ne" && operands[0] === operands[1]) return isNaN(a);
  if (op in infix) return `(${a} ${infix[op]} ${b})`;
  if (op in calls) return `${calls[op]}(${args.join(", ")})`;
  switch (op) {
    case "neg":
      return `(-${a})`;
    case "rint":
      return `roundEven(${a})`;
    case "where":
      return `(${a} ? ${b} : ${c})`;
    case "logicalNot":
      return `(!${a})`;
    case "bitNot":
      return `(~${a})`;
    case "shl":
      return `(${a} << (${b} & ${types[operands[1]?.type ?? "int32"]}(31)))`;
    case "shr":
      return `(${a} >> (${b} & ${types[operands[1]?.type ?? "int32"]}(31)))`;
    case "max":
    case "min":
      return node.type === "float32" ? extremum(op, a, b) : `${op}(${a}, ${b})`;
    case "idiv":
      return `(${a} / ${b})`;
    default:
      return `${call(op)}(${args.join(", ")})`;
  }
}

/** A value that a compiler does not know to be the same: the sign of a coordinate, which is positive, is taken from it. */
function opaque(x: string): string {
  return `uintBitsToFloat(floatBitsToUint(${x}) ^ (floatBitsToUint(gl_FragCoord.x) >> 31))`;
}

function isNaN(x: string): string {
  return `((floatBitsToUint(${x}) & 0x7fffffffu) > 0x7f800000u)`;
}

function extremum(op: "max" | "min", a: string, b: string): string {
  return `(${isNaN(a)} ? ${a} : ${isNaN(b)} ? ${b} : ${op}(${a}, ${b}))`;
}

function bitcast(from: ComputeType, to: ComputeType, x: string): string {
  if (from === "float32") return to === "int32" ? `floatBitsToInt(${x})` : `floatBitsToUint(${x})`;
  if (to === "float32") return from === "int32" ? `intBitsToFloat(${x})` : `uintBitsToFloat(${x})`;
  return `${types[to]}(${x})`;
}

function literal(value: number, type: ComputeType): string {
  if (type === "bool") return value === 0 ? "false" : "true";
  if (type === "uint32") return `${value}u`;
  if (type === "int32") return value === -(2 ** 31) ? "(-2147483647 - 1)" : `(${value})`;
  if (Number.isNaN(value)) return notANumber;
  if (!Number.isFinite(value)) return value > 0 ? infinity : `(-${infinity})`;
  const text = String(Math.fround(value));
  return Object.is(value, -0) ? "(-0.0)" : `(${/[.e]/.test(text) ? text : `${text}.0`})`;
}
