import { itemsize, type DType } from "../../../dtype.js";
import type { OpName } from "../../../kernel/ops-table.js";
import type { ComputeType, Node } from "../../../kernel/program.js";
import type { Callable, FunctionBuilder, Local, PlainOpcode, ValueType } from "../wasm/assembler.js";
import { probeRelaxedSimd } from "../wasm/probe.js";
import { emitFloatToHalf, emitHalfToFloat } from "./half.js";
import { isImported, type Library } from "./library.js";
import type { LocalPool } from "./locals.js";
import { valueTypeOf, type Machine } from "./machine.js";
import { argOf, isFloat, operandType, type OpNode } from "./nodes.js";
import { Unsupported } from "./unsupported.js";

type Table = Partial<Record<OpName, PlainOpcode>>;

const floats: Table = {
  add: "f32x4.add",
  sub: "f32x4.sub",
  mul: "f32x4.mul",
  div: "f32x4.div",
  neg: "f32x4.neg",
  abs: "f32x4.abs",
  max: "f32x4.max",
  min: "f32x4.min",
  sqrt: "f32x4.sqrt",
  floor: "f32x4.floor",
  ceil: "f32x4.ceil",
  trunc: "f32x4.trunc",
  rint: "f32x4.nearest",
  lt: "f32x4.lt",
  le: "f32x4.le",
  gt: "f32x4.gt",
  ge: "f32x4.ge",
  eq: "f32x4.eq",
  ne: "f32x4.ne",
};

const integers: Table = {
  add: "i32x4.add",
  sub: "i32x4.sub",
  mul: "i32x4.mul",
  neg: "i32x4.neg",
  abs: "i32x4.abs",
  eq: "i32x4.eq",
  ne: "i32x4.ne",
  bitAnd: "v128.and",
  bitOr: "v128.or",
  bitXor: "v128.xor",
  bitNot: "v128.not",
};

const signed: Table = {
  ...integers,
  max: "i32x4.max_s",
  min: "i32x4.min_s",
  lt: "i32x4.lt_s",
  le: "i32x4.le_s",
  gt: "i32x4.gt_s",
  ge: "i32x4.ge_s",
};

const unsigned: Table = {
  ...integers,
  max: "i32x4.max_u",
  min: "i32x4.min_u",
  lt: "i32x4.lt_u",
  le: "i32x4.le_u",
  gt: "i32x4.gt_u",
  ge: "i32x4.ge_u",
};

/** A truth value is a lane of ones or of zeros; as an unsigned number the former is the larger one. */
const bools: Table = {
  bitAnd: "v128.and",
  bitOr: "v128.or",
  bitXor: "v128.xor",
  bitNot: "v128.not",
  logicalAnd: "v128.and",
  logicalOr: "v128.or",
  logicalNot: "v128.not",
  eq: "i32x4.eq",
  ne: "i32x4.ne",
  lt: "i32x4.lt_u",
  le: "i32x4.le_u",
  gt: "i32x4.gt_u",
  ge: "i32x4.ge_u",
};

const tables: Record<Exclude<ComputeType, "float64">, Table> = {
  bool: bools,
  int32: signed,
  uint32: unsigned,
  float32: floats,
};

/** Four 32-bit lanes. */
export class VectorMachine implements Machine {
  readonly lanes = 4;

  constructor(
    private readonly f: FunctionBuilder,
    private readonly pool: LocalPool,
    private readonly library: Library,
  ) {}

  valueType(type: ComputeType): ValueType {
    if (type === "float64") throw new Unsupported("float64 in four lanes");
    return valueTypeOf(4, type);
  }

  constant(type: ComputeType, value: number): void {
    if (type === "float32") this.f.f32x4(value);
    else this.f.i32x4(type === "bool" && value !== 0 ? -1 : value);
  }

  operation(node: OpNode, push: (operand: Node) => void): void {
    const { f, library } = this;
    const { op, args } = node;
    const type = operandType(node);
    if (type === "float64") throw new Unsupported("float64 in four lanes");
    if (op === "where") {
      [argOf(node, 1), argOf(node, 2), argOf(node, 0)].forEach(push);
      // Truth values fill their lanes, so that both are the same.
      f.op(probeRelaxedSimd() ? "i32x4.relaxed_laneselect" : "v128.bitselect");
    } else if (node.hint === "fused" && this.#multiplyAdd(node, push)) {
      // done
    } else if (op === "shl" || op === "shr") {
      this.#shift(op, type, argOf(node, 0), argOf(node, 1), push);
    } else if (type === "float32" && (op === "max" || op === "min") && this.#extremeOfConstant(op, node, push)) {
      // done
    } else if (isFloat(type) && isImported(op)) {
      args.forEach(push);
      this.#callFloat(args.length, library.imported(op), "f64");
    } else if (op === "fmod" && type === "float32") {
      args.forEach(push);
      this.#callFloat(2, library.remainder("f32"), "f32");
    } else if ((op === "fmod" || op === "idiv" || op === "ipow") && type !== "bool") {
      args.forEach(push);
      const isUnsigned = type === "uint32";
      if (op === "fmod") this.#callInteger(library.integerRemainder(isUnsigned));
      else if (op === "idiv") this.#callInteger(library.quotient(isUnsigned));
      else this.#callInteger(library.integerPower(isUnsigned));
    } else {
      const opcode = tables[type][op];
      if (opcode === undefined) throw new Unsupported(`${op} of ${type}`);
      args.forEach(push);
      f.op(opcode);
    }
  }

  cast(from: ComputeType, to: ComputeType): void {
    const { f } = this;
    if (from === to) return;
    if (from === "float64" || to === "float64") throw new Unsupported("float64 in four lanes");
    if (from === "bool") {
      if (to === "float32") f.f32x4(1).op("v128.and");
      else f.i32x4(1).op("v128.and");
    } else if (to === "bool") {
      if (from === "float32") f.f32x4(0).op("f32x4.ne");
      else f.i32x4(0).op("i32x4.ne");
    } else if (from === "float32") {
      f.op(to === "int32" ? "i32x4.trunc_sat_f32x4_s" : "i32x4.trunc_sat_f32x4_u");
    } else if (to === "float32") {
      f.op(from === "int32" ? "f32x4.convert_i32x4_s" : "f32x4.convert_i32x4_u");
    }
  }

  bitcast(): void {
    // The bits stay where they are.
  }

  roundHalf(): void {
    emitFloatToHalf(this.f, this.pool);
    emitHalfToFloat(this.f, this.pool);
  }

  anyLane(condition: Local): void {
    this.f.get(condition).op("v128.any_true");
  }

  scalar(type: ComputeType, args: Local, offset: number): void {
    this.f.get(args).load("v128.load32_splat", { offset });
    if (type === "bool") this.f.i32x4(0).op("i32x4.ne");
  }

  spread(value: Local): void {
    this.f.get(value).op("i32x4.splat");
  }

  positions(start: Local): void {
    this.spread(start);
    this.f.v128const(new Uint8Array(Int32Array.of(0, 1, 2, 3).buffer)).op("i32x4.add");
  }

  loadContiguous(dtype: DType, address: Local, offset: number): void {
    const { f } = this;
    f.get(address);
    if (itemsize(dtype) === 4) f.load("v128.load", { offset, align: 4 });
    else if (itemsize(dtype) === 2) f.load("v128.load16x4_u", { offset, align: 2 });
    else {
      f.load("v128.load32_zero", { offset, align: 1 });
      f.op("i16x8.extend_low_i8x16_u").op("i32x4.extend_low_i16x8_u");
    }
    this.#decode(dtype);
  }

  loadSpread(dtype: DType, address: Local): void {
    const { f } = this;
    f.get(address);
    if (itemsize(dtype) === 4) f.load("v128.load32_splat", { align: 4 });
    else f.load(itemsize(dtype) === 2 ? "i32.load16_u" : "i32.load8_u").op("i32x4.splat");
    this.#decode(dtype);
  }

  loadLanes(dtype: DType, addresses: readonly (() => void)[]): void {
    const { f, pool } = this;
    const size = itemsize(dtype);
    pool.scoped(() => {
      const gathered = pool.take("v128");
      addresses.forEach((address, lane) => {
        if (size !== 4) {
          // A lane instruction would keep its neighbours' high bits.
          if (lane > 0) f.get(gathered);
          address();
          f.load(size === 2 ? "i32.load16_u" : "i32.load8_u");
          if (lane === 0) f.op("i32x4.splat");
          else f.lane("i32x4.replace_lane", lane);
        } else {
          address();
          if (lane === 0) f.load("v128.load32_zero", { align: 4 });
          else f.get(gathered).memoryLane("v128.load32_lane", lane, { align: 4 });
        }
        if (lane < addresses.length - 1) f.set(gathered);
      });
    });
    this.#decode(dtype);
  }

  loadAt(dtype: DType, base: Local): void {
    const { f, pool } = this;
    const shift = Math.log2(itemsize(dtype));
    pool.scoped(() => {
      const byteOffsets = pool.take("v128");
      if (shift > 0) f.i32(shift).op("i32x4.shl");
      f.get(base).op("i32x4.splat").op("i32x4.add").set(byteOffsets);
      this.loadLanes(
        dtype,
        [0, 1, 2, 3].map((lane) => () => void f.get(byteOffsets).lane("i32x4.extract_lane", lane)),
      );
    });
  }

  storeContiguous(dtype: DType, address: Local, offset: number, value: Local): void {
    const { f } = this;
    const size = itemsize(dtype);
    f.get(address).get(value);
    this.#encode(dtype);
    if (size === 4) {
      f.store("v128.store", { offset, align: 4 });
      return;
    }
    this.pool.scoped(() => {
      const encoded = this.pool.take("v128");
      f.tee(encoded).get(encoded);
      const low = Array.from({ length: 16 }, (_, i) => (i < 4 * size ? 4 * Math.floor(i / size) + (i % size) : 0));
      f.shuffle(low);
      if (size === 2) f.memoryLane("v128.store64_lane", 0, { offset, align: 2 });
      else f.memoryLane("v128.store32_lane", 0, { offset, align: 1 });
    });
  }

  storeLane(dtype: DType, lane: number, address: () => void, value: Local): void {
    const { f } = this;
    const size = itemsize(dtype);
    address();
    f.get(value);
    this.#encode(dtype);
    if (size === 4) f.memoryLane("v128.store32_lane", lane, { align: 4 });
    else if (size === 2) f.memoryLane("v128.store16_lane", 2 * lane, { align: 2 });
    else f.memoryLane("v128.store8_lane", 4 * lane);
  }

  permute(value: Local, from: readonly [number, number, number, number]): void {
    this.f.get(value).get(value).shuffle32(from);
  }

  /** Loaded bits, in 32-bit lanes, as values. */
  #decode(dtype: DType): void {
    if (dtype === "bool") this.f.i32x4(0).op("i32x4.ne");
    else if (dtype === "float16") emitHalfToFloat(this.f, this.pool);
    else if (dtype === "float64") throw new Unsupported("float64 in four lanes");
  }

  /** Values as the bits to store, in the low bits of their lanes. */
  #encode(dtype: DType): void {
    if (dtype === "bool") this.f.i32x4(1).op("v128.and");
    else if (dtype === "float16") emitFloatToHalf(this.f, this.pool);
    else if (dtype === "float64") throw new Unsupported("float64 in four lanes");
  }

  /**
   * The larger (smaller) of a value and a constant in one instruction, or two: `f32x4.max` has to settle NaN and signed
   * zeros on both sides, a constant needs that on one.
   */
  #extremeOfConstant(op: "max" | "min", node: OpNode, push: (operand: Node) => void): boolean {
    const { f } = this;
    const [a, b] = [argOf(node, 0), argOf(node, 1)];
    const [value, constant] = b.kind === "constant" ? [a, b] : [b, a];
    if (constant.kind !== "constant" || value.kind === "constant" || Number.isNaN(constant.value)) return false;
    if (Object.is(constant.value, -0)) return false;
    push(value);
    push(constant);
    // Gives the value where it is NaN or equal to the constant, as where -0 meets 0.
    f.op(op === "max" ? "f32x4.pmax" : "f32x4.pmin");
    if (op === "max" && constant.value === 0) f.f32x4(0).op("f32x4.add");
    return true;
  }

  /** A sum with a product, or a difference from one, in one instruction where the engine has it. */
  #multiplyAdd({ op, args, type }: OpNode, push: (operand: Node) => void): boolean {
    if (type !== "float32" || !probeRelaxedSimd()) return false;
    const isProduct = (node: Node): boolean => node.kind === "op" && node.op === "mul";
    const product = args[op === "add" ? args.findIndex(isProduct) : 1];
    if (product === undefined || !isProduct(product)) return false;
    const rest = args[0] === product ? args[1] : args[0];
    [argOf(product, 0), argOf(product, 1), rest ?? product].forEach(push);
    this.f.op(op === "add" ? "f32x4.relaxed_madd" : "f32x4.relaxed_nmadd");
    return true;
  }

  #shift(op: "shl" | "shr", type: ComputeType, value: Node, count: Node, push: (operand: Node) => void): void {
    const { f } = this;
    if (type !== "int32" && type !== "uint32") throw new Unsupported(`${op} of ${type}`);
    const name = op === "shl" ? "shl" : type === "uint32" ? "shr_u" : "shr_s";
    push(value);
    if (count.kind === "constant") {
      f.i32(count.value & 31).op(`i32x4.${name}`);
      return;
    }
    push(count);
    this.#eachLane(2, "i32x4", () => f.op(`i32.${name}`));
  }

  /** Calls a function on integers lane by lane. */
  #callInteger(target: Callable): void {
    this.#eachLane(2, "i32x4", () => this.f.call(target));
  }

  /** Calls a function on floats lane by lane, in float64 if it takes that. */
  #callFloat(count: number, target: Callable, type: "f32" | "f64"): void {
    const { f } = this;
    this.#eachLane(
      count,
      "f32x4",
      () => {
        f.call(target);
        if (type === "f64") f.op("f32.demote_f64");
      },
      () => {
        if (type === "f64") f.op("f64.promote_f32");
      },
    );
  }

  /** Replaces `count` vectors on the stack by one, lane by lane. */
  #eachLane(count: number, shape: "i32x4" | "f32x4", compute: () => void, prepare: () => void = () => undefined): void {
    const { f, pool } = this;
    pool.scoped(() => {
      const operands = Array.from({ length: count }, () => pool.take("v128"));
      const result = pool.take("v128");
      for (const operand of [...operands].reverse()) f.set(operand);
      for (let lane = 0; lane < 4; lane++) {
        if (lane > 0) f.get(result);
        for (const operand of operands) {
          f.get(operand).lane(`${shape}.extract_lane`, lane);
          prepare();
        }
        compute();
        if (lane === 0) f.op(`${shape}.splat`);
        else f.lane(`${shape}.replace_lane`, lane);
        if (lane < 3) f.set(result);
      }
    });
  }
}
