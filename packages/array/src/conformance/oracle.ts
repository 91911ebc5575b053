/** What every operation of the kernel language computes, element by element on plain numbers. */
import { floatingType, isFloating, type DType } from "../dtype.js";
import { typeRuleOf, type OpName } from "../kernel/ops-table.js";
import { isReference, reference } from "../kernel/reference.js";
import { exact, rounded, type Tolerance } from "./compare.js";

/** The dtype of an operation's result, for operands of one dtype; null if they have no such operation. */
export function resultType(op: OpName, dtype: DType): DType | null {
  switch (typeRuleOf(op)) {
    case "arithmetic":
      return dtype === "bool" && ["sub", "neg", "fmod"].includes(op) ? null : dtype;
    case "float":
      return floatingType(dtype);
    case "integer":
      if (isFloating(dtype)) return null;
      return dtype === "bool" && !op.startsWith("bit") ? null : dtype;
    case "compare":
    case "logical":
      return "bool";
    case "select":
      return dtype;
  }
}

const exactOps: readonly OpName[] = ["add", "sub", "mul", "neg", "abs", "max", "min", "floor", "ceil", "trunc", "rint"];

/** How exact a result has to be. */
export function toleranceOf(op: OpName, result: DType): Tolerance {
  const rule = typeRuleOf(op);
  if (!isFloating(result) || exactOps.includes(op) || rule === "select") return exact;
  // Computed in float32 and rounded once: half an ulp more may fall on the other side.
  if (result === "float16") return { ulps: 1 };
  if (result === "float64") return { ulps: 8, absolute: 1e-14 };
  if (op === "lgamma" || op === "digamma") return { ulps: 8, absolute: 2e-6 };
  return { ulps: op === "fmod" ? 0 : 4 };
}

/** The result for numbers that `dtype` holds. */
export function evaluate(op: OpName, dtype: DType, args: readonly number[]): number {
  const [a = 0, b = 0, c = 0] = args;
  switch (op) {
    case "lt":
      return Number(a < b);
    case "le":
      return Number(a <= b);
    case "gt":
      return Number(a > b);
    case "ge":
      return Number(a >= b);
    case "eq":
      return Number(a === b);
    case "ne":
      return Number(a !== b);
    case "logicalAnd":
      return Number(a !== 0 && b !== 0);
    case "logicalOr":
      return Number(a !== 0 || b !== 0);
    case "logicalNot":
      return Number(a === 0);
    case "where":
      return a !== 0 ? b : c;
    default:
      break;
  }
  if (typeRuleOf(op) !== "float" && !isFloating(dtype)) {
    return dtype === "bool" ? ofBools(op, a, b) : wrapped(ofIntegers(op, BigInt(a), BigInt(b), dtype), dtype);
  }
  // Integers come as float32.
  return ofFloats(
    op,
    args.map((value) => rounded(value, floatingType(dtype))),
  );
}

function ofFloats(op: OpName, args: readonly number[]): number {
  const [a = 0, b = 0] = args;
  switch (op) {
    case "add":
      return a + b;
    case "sub":
      return a - b;
    case "mul":
      return a * b;
    case "div":
      return a / b;
    case "neg":
      return -a;
    case "abs":
      return Math.abs(a);
    case "max":
      return Math.max(a, b);
    case "min":
      return Math.min(a, b);
    default: {
      if (!isReference(op)) throw new Error(`no oracle for ${op}`);
      const compute: (...numbers: number[]) => number = reference[op];
      return compute(...args);
    }
  }
}

function ofBools(op: OpName, a: number, b: number): number {
  switch (op) {
    case "add":
    case "max":
    case "bitOr":
      return a | b;
    case "mul":
    case "min":
    case "bitAnd":
      return a & b;
    case "bitXor":
      return a ^ b;
    case "bitNot":
      return 1 - a;
    case "abs":
      return a;
    default:
      throw new Error(`no oracle for ${op} of bool`);
  }
}

function ofIntegers(op: OpName, a: bigint, b: bigint, dtype: DType): bigint {
  switch (op) {
    case "add":
      return a + b;
    case "sub":
      return a - b;
    case "mul":
      return a * b;
    case "neg":
      return -a;
    case "abs":
      return a < 0n ? -a : a;
    case "max":
      return a > b ? a : b;
    case "min":
      return a < b ? a : b;
    case "fmod":
      return b === 0n ? 0n : a % b;
    case "idiv":
      return b === 0n ? 0n : a / b;
    case "ipow":
      return integerPower(a, b);
    case "bitAnd":
      return a & b;
    case "bitOr":
      return a | b;
    case "bitXor":
      return a ^ b;
    case "bitNot":
      return ~a;
    case "shl":
      return a << (b & 31n);
    case "shr":
      return a >> (b & 31n);
    default:
      throw new Error(`no oracle for ${op} of ${dtype}`);
  }
}

function integerPower(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) return base === 1n ? 1n : base === -1n ? (exponent % 2n === 0n ? 1n : -1n) : 0n;
  let result = 1n;
  for (let power = base, rest = exponent; rest > 0n; rest >>= 1n, power = BigInt.asIntN(64, power * power)) {
    if (rest & 1n) result = BigInt.asIntN(64, result * power);
  }
  return result;
}

function wrapped(value: bigint, dtype: DType): number {
  if (dtype === "uint8") return Number(BigInt.asUintN(8, value));
  return Number(dtype === "uint32" ? BigInt.asUintN(32, value) : BigInt.asIntN(32, value));
}

/** The result of converting a number from one dtype to another. */
export function convert(value: number, from: DType, to: DType): number {
  if (to === "bool") return Number(value !== 0);
  if (isFloating(to)) return rounded(value, to);
  if (!isFloating(from)) return wrapped(BigInt(value), to);
  const whole = Number.isNaN(value) ? 0 : Math.trunc(value);
  const [low, high] = to === "uint32" ? [0, 2 ** 32 - 1] : [-(2 ** 31), 2 ** 31 - 1];
  return wrapped(BigInt(Math.min(Math.max(whole, low), high)), to);
}
