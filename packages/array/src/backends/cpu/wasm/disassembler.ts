import { ValueError } from "../../../errors.js";
import {
  LANE_OPCODES,
  LOAD_OPCODES,
  MEMORY_LANE_OPCODES,
  MEMORY_OPCODES,
  PLAIN_OPCODES,
  STORE_OPCODES,
  STRUCTURE_OPCODES,
} from "./opcodes.js";

/** How the immediates of an instruction are laid out. */
type Immediates = "none" | "memory" | "access" | "accessLane" | "lane" | "structure";

let instructions: ReadonlyMap<number, readonly [name: string, immediates: Immediates]> | undefined;

function instructionTable(): ReadonlyMap<number, readonly [string, Immediates]> {
  const tables: readonly (readonly [Readonly<Record<string, number>>, Immediates])[] = [
    [PLAIN_OPCODES, "none"],
    [MEMORY_OPCODES, "memory"],
    [LOAD_OPCODES, "access"],
    [STORE_OPCODES, "access"],
    [MEMORY_LANE_OPCODES, "accessLane"],
    [LANE_OPCODES, "lane"],
    [STRUCTURE_OPCODES, "structure"],
  ];
  return new Map(
    tables.flatMap(([table, immediates]) =>
      Object.entries(table).map(([name, code]) => [code, [name, immediates]] as const),
    ),
  );
}

const BLOCK_TYPES: Readonly<Record<number, string>> = {
  0x40: "",
  0x7f: " (result i32)",
  0x7e: " (result i64)",
  0x7d: " (result f32)",
  0x7c: " (result f64)",
  0x7b: " (result v128)",
};

/** Reads what `FunctionBuilder` writes. */
class Reader {
  position = 0;

  constructor(private readonly code: ArrayLike<number>) {}

  get done(): boolean {
    return this.position >= this.code.length;
  }

  byte(): number {
    return this.code[this.position++] ?? 0;
  }

  unsigned(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  signed(bits: number): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(bits, BigInt.asIntN(Number(shift) + 7, value));
    }
  }

  view(length: number): DataView {
    return new DataView(Uint8Array.from({ length }, () => this.byte()).buffer);
  }

  opcode(): number {
    const first = this.byte();
    return first === 0xfc || first === 0xfd ? (first << 16) | this.unsigned() : first;
  }
}

function structureOperands(name: string, reader: Reader, nameOf: (index: number) => string): string {
  switch (name) {
    case "block":
    case "loop":
    case "if":
      return BLOCK_TYPES[reader.byte()] ?? "";
    case "br":
    case "br_if":
      return ` ${reader.unsigned()}`;
    case "br_table":
      return ` ${Array.from({ length: reader.unsigned() + 1 }, () => reader.unsigned()).join(" ")}`;
    case "call":
      return ` $${nameOf(reader.unsigned())}`;
    case "local.get":
    case "local.set":
    case "local.tee":
      return ` $${reader.unsigned()}`;
    case "i32.const":
      return ` ${reader.signed(32)}`;
    case "i64.const":
      return ` ${reader.signed(64)}`;
    case "f32.const":
      return ` ${reader.view(4).getFloat32(0, true)}`;
    case "f64.const":
      return ` ${reader.view(8).getFloat64(0, true)}`;
    case "v128.const": {
      const view = reader.view(16);
      return ` i32x4 ${[0, 4, 8, 12].map((at) => `0x${view.getUint32(at, true).toString(16).padStart(8, "0")}`).join(" ")}`;
    }
    case "i8x16.shuffle":
      return ` ${Array.from({ length: 16 }, () => reader.byte()).join(" ")}`;
    default:
      return "";
  }
}

function accessOperands(reader: Reader): string {
  const align = 2 ** reader.unsigned();
  const offset = reader.unsigned();
  return `${offset === 0 ? "" : ` offset=${offset}`} align=${align}`;
}

/**
 * The instructions of a function body (without local declarations) as WebAssembly text, one a line, indented by block.
 *
 * @param nameOf - the name of a function by its index, for `call`
 */
export function disassemble(code: ArrayLike<number>, nameOf: (index: number) => string): string[] {
  instructions ??= instructionTable();
  const reader = new Reader(code);
  const lines: string[] = [];
  let depth = 0;
  while (!reader.done) {
    const at = reader.position;
    const opcode = reader.opcode();
    const entry = instructions.get(opcode);
    if (entry === undefined)
      throw new ValueError(`wasm disassembler: unknown opcode 0x${opcode.toString(16)} at byte ${at}`);
    const [name, immediates] = entry;
    let operands = "";
    if (immediates === "memory") {
      reader.byte();
      if (name === "memory.copy") reader.byte();
    } else if (immediates === "access") operands = accessOperands(reader);
    else if (immediates === "accessLane") operands = `${accessOperands(reader)} ${reader.byte()}`;
    else if (immediates === "lane") operands = ` ${reader.byte()}`;
    else if (immediates === "structure") operands = structureOperands(name, reader, nameOf);
    if (name === "end" || name === "else") depth--;
    lines.push("  ".repeat(depth) + name + operands);
    if (name === "block" || name === "loop" || name === "if" || name === "else") depth++;
  }
  return lines;
}
