import type { DType } from "../../../dtype.js";
import { itemsize } from "../../../dtype.js";
import type { OpName } from "../../../kernel/ops-table.js";
import type { ComputeType, Node } from "../../../kernel/program.js";
import type { FunctionBuilder, Local, PlainOpcode, ValueType } from "../wasm/assembler.js";
import { emitFloatToHalf, emitHalfToFloat } from "./half.js";
import { isImported, type Library } from "./library.js";
import type { LocalPool } from "./locals.js";
import { valueTypeOf, type Machine } from "./machine.js";
import { argOf, isFloat, operandType, type OpNode } from "./nodes.js";
import { Unsupported } from "./unsupported.js";

const floatSuffixes: Partial<Record<OpName, string>> = {
  add: "add",
  sub: "sub",
  mul: "mul",
  div: "div",
  neg: "neg",
  abs: "abs",
  max: "max",
  min: "min",
  sqrt: "sqrt",
  floor: "floor",
  ceil: "ceil",
  trunc: "trunc",
  rint: "nearest",
  lt: "lt",
  le: "le",
  gt: "gt",
  ge: "ge",
  eq: "eq",
  ne: "ne",
};

const integers: Partial<Record<OpName, PlainOpcode>> = {
  add: "i32.add",
  sub: "i32.sub",
  mul: "i32.mul",
  bitAnd: "i32.and",
  bitOr: "i32.or",
  bitXor: "i32.xor",
  shl: "i32.shl",
  eq: "i32.eq",
  ne: "i32.ne",
};

const bools: Partial<Record<OpName, PlainOpcode>> = {
  bitAnd: "i32.and",
  bitOr: "i32.or",
  bitXor: "i32.xor",
  bitNot: "i32.eqz",
  logicalAnd: "i32.and",
  logicalOr: "i32.or",
  logicalNot: "i32.eqz",
  eq: "i32.eq",
  ne: "i32.ne",
  lt: "i32.lt_u",
  le: "i32.le_u",
  gt: "i32.gt_u",
  ge: "i32.ge_u",
};

type Held = "i32" | "f32" | "f64";

/** One element at a time: what programs with float64 in them run on. Truth values are 0 and 1. */
export class ScalarMachine implements Machine {
  readonly lanes = 1;

  constructor(
    private readonly f: FunctionBuilder,
    private readonly pool: LocalPool,
    private readonly library: Library,
  ) {}

  valueType(type: ComputeType): ValueType {
    return valueTypeOf(1, type);
  }

  constant(type: ComputeType, value: number): void {
    if (type === "float64") this.f.f64(value);
    else if (type === "float32") this.f.f32(value);
    else this.f.i32(value);
  }

  operation(node: OpNode, push: (operand: Node) => void): void {
    const { f } = this;
    const type = operandType(node);
    if (node.op === "where") {
      [argOf(node, 1), argOf(node, 2), argOf(node, 0)].forEach(push);
      f.op("select");
      return;
    }
    const count = node.args.length;
    if (isFloat(type)) {
      const held = type === "float64" ? "f64" : "f32";
      if (isImported(node.op)) {
        for (const arg of node.args) {
          push(arg);
          if (held === "f32") f.op("f64.promote_f32");
        }
        f.call(this.library.imported(node.op));
        if (held === "f32") f.op("f32.demote_f64");
        return;
      }
      node.args.forEach(push);
      const suffix = floatSuffixes[node.op];
      if (node.op === "fmod") f.call(this.library.remainder(held));
      else if (suffix === undefined) throw new Unsupported(`${node.op} of ${type}`);
      else f.op(`${held}.${suffix}` as PlainOpcode);
      return;
    }
    node.args.forEach(push);
    this.#integerOperation(node.op, type, count);
  }

  cast(from: ComputeType, to: ComputeType): void {
    const { f } = this;
    const [source, target] = [valueTypeOf(1, from), valueTypeOf(1, to)] as [Held, Held];
    if (from === to) return;
    if (to === "bool") {
      if (source === "f64") f.f64(0).op("f64.ne");
      else if (source === "f32") f.f32(0).op("f32.ne");
      else f.i32(0).op("i32.ne");
    } else if (source === "i32") {
      const sign = from === "uint32" ? "u" : "s";
      if (target !== "i32") f.op(`${target}.convert_i32_${sign}`);
    } else if (target === "i32") {
      f.op(`i32.trunc_sat_${source}_${to === "uint32" ? "u" : "s"}`);
    } else if (source !== target) {
      f.op(target === "f64" ? "f64.promote_f32" : "f32.demote_f64");
    }
  }

  bitcast(from: ComputeType, to: ComputeType): void {
    const [source, target] = [valueTypeOf(1, from), valueTypeOf(1, to)] as [Held, Held];
    if (source === target) return;
    this.f.op(target === "f32" ? "f32.reinterpret_i32" : "i32.reinterpret_f32");
  }

  roundHalf(): void {
    const { f, pool } = this;
    f.op("f32x4.splat");
    emitFloatToHalf(f, pool);
    emitHalfToFloat(f, pool);
    f.lane("f32x4.extract_lane", 0);
  }

  anyLane(condition: Local): void {
    this.f.get(condition);
  }

  scalar(type: ComputeType, args: Local, offset: number): void {
    const { f } = this;
    f.get(args);
    if (type === "float64") f.load("f64.load", { offset });
    else if (type === "float32") f.load("f32.load", { offset });
    else f.load("i32.load", { offset });
    if (type === "bool") f.i32(0).op("i32.ne");
  }

  spread(value: Local): void {
    this.f.get(value);
  }

  positions(start: Local): void {
    this.f.get(start);
  }

  loadContiguous(dtype: DType, address: Local, offset: number): void {
    this.f.get(address);
    this.#load(dtype, offset);
  }

  loadSpread(dtype: DType, address: Local): void {
    this.loadContiguous(dtype, address, 0);
  }

  loadLanes(dtype: DType, addresses: readonly (() => void)[]): void {
    addresses[0]?.();
    this.#load(dtype, 0);
  }

  loadAt(dtype: DType, base: Local): void {
    const { f } = this;
    const shift = Math.log2(itemsize(dtype));
    if (shift > 0) f.i32(shift).op("i32.shl");
    f.get(base).op("i32.add");
    this.#load(dtype, 0);
  }

  storeContiguous(dtype: DType, address: Local, offset: number, value: Local): void {
    this.f.get(address);
    this.#store(dtype, offset, value);
  }

  storeLane(dtype: DType, _lane: number, address: () => void, value: Local): void {
    address();
    this.#store(dtype, 0, value);
  }

  permute(): void {
    throw new Error("a scalar has no lanes to permute");
  }

  #load(dtype: DType, offset: number): void {
    const { f, pool } = this;
    switch (dtype) {
      case "bool":
        f.load("i32.load8_u", { offset }).i32(0).op("i32.ne");
        break;
      case "uint8":
        f.load("i32.load8_u", { offset });
        break;
      case "int32":
      case "uint32":
        f.load("i32.load", { offset });
        break;
      case "float16":
        f.load("i32.load16_u", { offset }).op("i32x4.splat");
        emitHalfToFloat(f, pool);
        f.lane("f32x4.extract_lane", 0);
        break;
      case "float32":
        f.load("f32.load", { offset });
        break;
      case "float64":
        f.load("f64.load", { offset });
        break;
    }
  }

  #store(dtype: DType, offset: number, value: Local): void {
    const { f, pool } = this;
    f.get(value);
    switch (dtype) {
      case "bool":
      case "uint8":
        f.store("i32.store8", { offset });
        break;
      case "int32":
      case "uint32":
        f.store("i32.store", { offset });
        break;
      case "float16":
        f.op("f32x4.splat");
        emitFloatToHalf(f, pool);
        f.lane("i32x4.extract_lane", 0).store("i32.store16", { offset });
        break;
      case "float32":
        f.store("f32.store", { offset });
        break;
      case "float64":
        f.store("f64.store", { offset });
        break;
    }
  }

  /** An operation on the integers or truth values on the stack. */
  #integerOperation(op: OpName, type: ComputeType, count: number): void {
    const { f, library, pool } = this;
    const isUnsigned = type === "uint32";
    const opcode = type === "bool" ? bools[op] : integers[op];
    if (opcode !== undefined) {
      f.op(opcode);
      return;
    }
    if (type === "bool") throw new Unsupported(`${op} of bool`);
    const sign = isUnsigned ? "u" : "s";
    pool.scoped(() => {
      const a = pool.take("i32");
      const b = pool.take("i32");
      switch (op) {
        case "lt":
        case "le":
        case "gt":
        case "ge":
          f.op(`i32.${op}_${sign}`);
          break;
        case "shr":
          f.op(`i32.shr_${sign}`);
          break;
        case "max":
        case "min":
          f.set(b).set(a).get(a).get(b).get(a).get(b);
          f.op(`i32.${op === "max" ? "gt" : "lt"}_${sign}`).op("select");
          break;
        case "neg":
          f.set(a).i32(0).get(a).op("i32.sub");
          break;
        case "abs":
          f.set(a).i32(0).get(a).op("i32.sub").get(a).get(a).i32(0).op("i32.lt_s").op("select");
          break;
        case "bitNot":
          f.i32(-1).op("i32.xor");
          break;
        case "fmod":
          f.call(library.integerRemainder(isUnsigned));
          break;
        case "idiv":
          f.call(library.quotient(isUnsigned));
          break;
        case "ipow":
          f.call(library.integerPower(isUnsigned));
          break;
        default:
          throw new Unsupported(`${op} of ${type} (${count} operands)`);
      }
    });
  }
}
