import { disassemble } from "#disassembler";
import { ValueError } from "../../../errors.js";
import {
  type Bytes,
  writeFloat32,
  writeFloat64,
  writeOpcode,
  writeSigned32,
  writeSigned64,
  writeUnsigned,
} from "./encoding.js";
import {
  accessSizeLog2,
  LANE_OPCODES,
  type LaneOpcode,
  laneCount,
  LOAD_OPCODES,
  type LoadOpcode,
  MEMORY_LANE_OPCODES,
  MEMORY_OPCODES,
  type MemoryLaneOpcode,
  type MemoryOpcode,
  PLAIN_OPCODES,
  type PlainOpcode,
  STORE_OPCODES,
  type StoreOpcode,
  STRUCTURE_OPCODES,
} from "./opcodes.js";
import { type Signature, typeCode, type ValueType } from "./types.js";

/** A parameter or local variable of the function that made it. */
export interface Local {
  readonly index: number;
  readonly type: ValueType;
}

/** Where `br` can go: the end of a block or an `if`, the start of a loop. Valid inside that construct only. */
export interface Label {
  readonly depth: number;
}

/** Something that `call` can call: an imported function or one of the same module. */
export interface Callable {
  readonly name: string;
  readonly index: number;
  readonly signature: Signature;
}

/** Immediates of a memory access. */
export interface MemoryAccess {
  /** Constant added to the address, in bytes. */
  readonly offset?: number;
  /** Promised alignment in bytes, a power of two up to the access size. A hint: wrong ones are slow, not incorrect. */
  readonly align?: number;
}

/**
 * Writes the body of one WebAssembly function, instruction by instruction, as a stack machine. Every method returns the
 * builder, so that short sequences can be chained.
 *
 * @example
 * ```ts
 * const f = module.function("twice", { params: ["f32"], results: ["f32"] });
 * f.get(f.params[0]).f32(2).op("f32.mul");
 * ```
 */
export class FunctionBuilder implements Callable {
  /** The parameters, in order. */
  readonly params: readonly Local[];
  readonly #locals: Local[] = [];
  readonly #code: Bytes = [];
  #depth = 0;

  /** Use `ModuleBuilder.function` instead. */
  constructor(
    readonly name: string,
    readonly index: number,
    readonly signature: Signature,
    private readonly nameOf: (functionIndex: number) => string,
  ) {
    this.params = signature.params.map((type, i) => ({ index: i, type }));
  }

  /** The parameter at `position`. */
  param(position: number): Local {
    const local = this.params[position];
    if (local === undefined) throw new ValueError(`wasm assembler: ${this.name} has no parameter ${position}`);
    return local;
  }

  /** Declares a local variable, which starts as zero. */
  local(type: ValueType): Local {
    const local = { index: this.params.length + this.#locals.length, type };
    this.#locals.push(local);
    return local;
  }

  /** An instruction without immediates. */
  op(name: PlainOpcode | MemoryOpcode): this {
    if (name in MEMORY_OPCODES) {
      writeOpcode(this.#code, MEMORY_OPCODES[name as MemoryOpcode]);
      this.#code.push(0);
      if (name === "memory.copy") this.#code.push(0);
    } else {
      writeOpcode(this.#code, PLAIN_OPCODES[name as PlainOpcode]);
    }
    return this;
  }

  /** Pushes a variable. */
  get(local: Local): this {
    return this.#indexed("local.get", local.index);
  }

  /** Pops into a variable. */
  set(local: Local): this {
    return this.#indexed("local.set", local.index);
  }

  /** Copies the top of the stack into a variable. */
  tee(local: Local): this {
    return this.#indexed("local.tee", local.index);
  }

  /** Pushes an i32 constant, given as signed or unsigned. */
  i32(value: number): this {
    writeOpcode(this.#code, STRUCTURE_OPCODES["i32.const"]);
    writeSigned32(this.#code, value);
    return this;
  }

  /** Pushes an i64 constant. */
  i64(value: bigint): this {
    writeOpcode(this.#code, STRUCTURE_OPCODES["i64.const"]);
    writeSigned64(this.#code, value);
    return this;
  }

  /** Pushes an f32 constant, rounded from `value`. */
  f32(value: number): this {
    writeOpcode(this.#code, STRUCTURE_OPCODES["f32.const"]);
    writeFloat32(this.#code, value);
    return this;
  }

  /** Pushes an f64 constant. */
  f64(value: number): this {
    writeOpcode(this.#code, STRUCTURE_OPCODES["f64.const"]);
    writeFloat64(this.#code, value);
    return this;
  }

  /** Pushes a vector constant: 16 bytes, lane 0 first. */
  v128const(bytes: ArrayLike<number>): this {
    if (bytes.length !== 16) throw new ValueError(`wasm assembler: v128.const takes 16 bytes, got ${bytes.length}`);
    writeOpcode(this.#code, STRUCTURE_OPCODES["v128.const"]);
    for (let i = 0; i < 16; i++) this.#code.push((bytes[i] ?? 0) & 0xff);
    return this;
  }

  /** Pushes a vector constant with `value` in all four f32 lanes. */
  f32x4(value: number): this {
    return this.v128const(new Uint8Array(new Float32Array(4).fill(value).buffer));
  }

  /** Pushes a vector constant with `value` in both f64 lanes. */
  f64x2(value: number): this {
    return this.v128const(new Uint8Array(new Float64Array(2).fill(value).buffer));
  }

  /** Pushes a vector constant with `value`, wrapped to 32 bits, in all four i32 lanes. */
  i32x4(value: number): this {
    return this.v128const(new Uint8Array(new Int32Array(4).fill(value).buffer));
  }

  /** A load; pops the address. `align` is the access size if absent. */
  load(name: LoadOpcode, access: MemoryAccess = {}): this {
    writeOpcode(this.#code, LOAD_OPCODES[name]);
    return this.#memarg(name, access);
  }

  /** A store; pops the value, then the address. */
  store(name: StoreOpcode, access: MemoryAccess = {}): this {
    writeOpcode(this.#code, STORE_OPCODES[name]);
    return this.#memarg(name, access);
  }

  /** Extracts or replaces a lane. */
  lane(name: LaneOpcode, lane: number): this {
    writeOpcode(this.#code, LANE_OPCODES[name]);
    return this.#laneIndex(name, lane);
  }

  /** Loads into or stores from one lane; the vector is on top of the stack, the address below it. */
  memoryLane(name: MemoryLaneOpcode, lane: number, access: MemoryAccess = {}): this {
    writeOpcode(this.#code, MEMORY_LANE_OPCODES[name]);
    return this.#memarg(name, access).#laneIndex(name, lane);
  }

  /** Picks 16 bytes out of the 32 of two vectors: index 0–15 from the first, 16–31 from the second. */
  shuffle(lanes: readonly number[]): this {
    if (lanes.length !== 16 || !lanes.every((lane) => Number.isInteger(lane) && lane >= 0 && lane < 32)) {
      throw new ValueError(`wasm assembler: i8x16.shuffle takes 16 indices in 0..31, got [${lanes.join(", ")}]`);
    }
    writeOpcode(this.#code, STRUCTURE_OPCODES["i8x16.shuffle"]);
    for (const lane of lanes) this.#code.push(lane);
    return this;
  }

  /** `i8x16.shuffle` in units of 32-bit lanes: four indices in 0..7. */
  shuffle32(lanes: readonly [number, number, number, number]): this {
    return this.shuffle(lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]));
  }

  /** Calls a function of this module or an imported one. */
  call(target: Callable): this {
    return this.#indexed("call", target.index);
  }

  /** A block; branching to its label leaves it. */
  block(body: (exit: Label) => void, result?: ValueType): this {
    return this.#structure("block", body, result);
  }

  /** A loop; branching to its label starts the next round, falling off the end leaves it. */
  loop(body: (next: Label) => void, result?: ValueType): this {
    return this.#structure("loop", body, result);
  }

  /** Pops an i32 and runs `then` if it is not zero, `otherwise` if it is. */
  if(then: (exit: Label) => void, otherwise?: (exit: Label) => void, result?: ValueType): this {
    return this.#structure(
      "if",
      (label) => {
        then(label);
        if (otherwise === undefined) return;
        writeOpcode(this.#code, STRUCTURE_OPCODES.else);
        otherwise(label);
      },
      result,
    );
  }

  /** Branches always. */
  br(label: Label): this {
    return this.#indexed("br", this.#relative(label));
  }

  /** Pops an i32 and branches if it is not zero. */
  brIf(label: Label): this {
    return this.#indexed("br_if", this.#relative(label));
  }

  /** Pops an i32 and branches to the label at that position, or to `fallback` if there is none. */
  brTable(labels: readonly Label[], fallback: Label): this {
    this.#indexed("br_table", labels.length);
    for (const label of labels) writeUnsigned(this.#code, this.#relative(label));
    writeUnsigned(this.#code, this.#relative(fallback));
    return this;
  }

  /** Local declarations and code, as they stand in the code section. */
  toBytes(): Bytes {
    const groups: { type: ValueType; count: number }[] = [];
    for (const { type } of this.#locals) {
      const last = groups.at(-1);
      if (last?.type === type) last.count++;
      else groups.push({ type, count: 1 });
    }
    const out: Bytes = [];
    writeUnsigned(out, groups.length);
    for (const { type, count } of groups) {
      writeUnsigned(out, count);
      out.push(typeCode(type));
    }
    for (let i = 0; i < this.#code.length; i++) out.push(this.#code[i] ?? 0);
    out.push(STRUCTURE_OPCODES.end);
    return out;
  }

  /** The function in WebAssembly text, one instruction a line; in a page, how long it is. */
  text(): string {
    const { params, results } = this.signature;
    const head =
      `(func $${this.name}` +
      params.map((type, i) => ` (param $${i} ${type})`).join("") +
      (results.length > 0 ? ` (result ${results.join(" ")})` : "");
    const locals = this.#locals.map(({ index, type }) => `(local $${index} ${type})`).join(" ");
    const lines = disassemble(this.#code, this.nameOf);
    return [head, ...(locals === "" ? [] : [locals]), ...lines].join("\n  ") + ")\n";
  }

  #indexed(name: "local.get" | "local.set" | "local.tee" | "call" | "br" | "br_if" | "br_table", index: number): this {
    this.#code.push(STRUCTURE_OPCODES[name]);
    writeUnsigned(this.#code, index);
    return this;
  }

  #memarg(name: LoadOpcode | StoreOpcode | MemoryLaneOpcode, access: MemoryAccess): this {
    const natural = accessSizeLog2(name);
    const align = access.align === undefined ? natural : Math.log2(access.align);
    if (!Number.isInteger(align) || align < 0) {
      throw new ValueError(`wasm assembler: ${name}: align must be a power of two, got ${access.align}`);
    }
    writeUnsigned(this.#code, Math.min(align, natural));
    writeUnsigned(this.#code, access.offset ?? 0);
    return this;
  }

  #laneIndex(name: LaneOpcode | MemoryLaneOpcode, lane: number): this {
    const count = laneCount(name);
    if (!Number.isInteger(lane) || lane < 0 || lane >= count) {
      throw new ValueError(`wasm assembler: ${name} has lanes 0..${count - 1}, got ${lane}`);
    }
    this.#code.push(lane);
    return this;
  }

  #structure(name: "block" | "loop" | "if", body: (label: Label) => void, result: ValueType | undefined): this {
    this.#code.push(STRUCTURE_OPCODES[name], result === undefined ? 0x40 : typeCode(result));
    this.#depth++;
    body({ depth: this.#depth });
    this.#depth--;
    this.#code.push(STRUCTURE_OPCODES.end);
    return this;
  }

  #relative(label: Label): number {
    const depth = this.#depth - label.depth;
    if (depth < 0) throw new ValueError(`wasm assembler: ${this.name}: branch to a label outside its construct`);
    return depth;
  }
}
