import { ValueError } from "../../../errors.js";

/** Bytes of a WebAssembly binary while it is being written: a plain array, since pushing to it is fast. */
export type Bytes = number[];

/** Appends `value`, 0 ≤ value < 2^32, in unsigned LEB128. */
export function writeUnsigned(out: Bytes, value: number): void {
  if (!(value >= 0 && value < 2 ** 32 && Number.isInteger(value))) {
    throw new ValueError(`wasm assembler: ${value} is not an unsigned 32-bit integer`);
  }
  while (value >= 0x80) {
    out.push((value % 0x80) | 0x80);
    value = Math.floor(value / 0x80);
  }
  out.push(value);
}

/** Appends a 32-bit integer, given as signed or unsigned, in signed LEB128. */
export function writeSigned32(out: Bytes, value: number): void {
  if (!(value >= -(2 ** 31) && value < 2 ** 32 && Number.isInteger(value))) {
    throw new ValueError(`wasm assembler: ${value} is not a 32-bit integer`);
  }
  let rest = value | 0;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0)) {
      out.push(byte);
      return;
    }
    out.push(byte | 0x80);
  }
}

/** Appends a 64-bit integer, wrapped to the signed range, in signed LEB128. */
export function writeSigned64(out: Bytes, value: bigint): void {
  let rest = BigInt.asIntN(64, value);
  for (;;) {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    if ((rest === 0n && (byte & 0x40) === 0) || (rest === -1n && (byte & 0x40) !== 0)) {
      out.push(byte);
      return;
    }
    out.push(byte | 0x80);
  }
}

const scratch = new DataView(new ArrayBuffer(8));

/** Appends an IEEE 754 single, little endian. */
export function writeFloat32(out: Bytes, value: number): void {
  scratch.setFloat32(0, value, true);
  for (let i = 0; i < 4; i++) out.push(scratch.getUint8(i));
}

/** Appends an IEEE 754 double, little endian. */
export function writeFloat64(out: Bytes, value: number): void {
  scratch.setFloat64(0, value, true);
  for (let i = 0; i < 8; i++) out.push(scratch.getUint8(i));
}

/** Appends a name: its length in bytes, then UTF-8. */
export function writeName(out: Bytes, name: string): void {
  const bytes = new TextEncoder().encode(name);
  writeUnsigned(out, bytes.length);
  for (const byte of bytes) out.push(byte);
}

/** Appends `content` behind its length. `content` may be long: no spread, which would overflow the call stack. */
export function writeSized(out: Bytes, content: Bytes): void {
  writeUnsigned(out, content.length);
  for (let i = 0; i < content.length; i++) out.push(content[i] ?? 0);
}

/** Appends an instruction's code, with its prefix if it has one (see `opcodes.ts`). */
export function writeOpcode(out: Bytes, code: number): void {
  if (code <= 0xff) {
    out.push(code);
    return;
  }
  out.push(code >>> 16);
  writeUnsigned(out, code & 0xffff);
}
