/** Fields of messages in the wire format of Protocol Buffers: each is a tag and a value. A message is its fields, joined. */

/** A message of fields; those that are null are left out. */
export function message(...fields: readonly (Uint8Array | null)[]): Uint8Array {
  const present = fields.filter((field) => field !== null);
  const bytes = new Uint8Array(present.reduce((sum, field) => sum + field.length, 0));
  let at = 0;
  for (const field of present) {
    bytes.set(field, at);
    at += field.length;
  }
  return bytes;
}

/** A whole number, zero or above. */
export function integer(tag: number, value: number): Uint8Array {
  return Uint8Array.from([...varint(tag * 8), ...varint(value)]);
}

/** A number of 64 bits. */
export function double(tag: number, value: number): Uint8Array {
  return fixed(tag * 8 + 1, 8, (view) => view.setFloat64(0, value, true));
}

/** A number of 32 bits. */
export function float(tag: number, value: number): Uint8Array {
  return fixed(tag * 8 + 5, 4, (view) => view.setFloat32(0, value, true));
}

/** Bytes, or a message within the message. */
export function nested(tag: number, bytes: Uint8Array): Uint8Array {
  return message(Uint8Array.from([...varint(tag * 8 + 2), ...varint(bytes.length)]), bytes);
}

/** A text, in UTF-8. */
export function text(tag: number, value: string): Uint8Array {
  return nested(tag, new TextEncoder().encode(value));
}

/** Numbers of 64 bits in one field. */
export function doubles(tag: number, values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, i) => view.setFloat64(8 * i, value, true));
  return nested(tag, new Uint8Array(view.buffer));
}

function fixed(key: number, size: number, write: (view: DataView) => void): Uint8Array {
  const view = new DataView(new ArrayBuffer(size));
  write(view);
  return message(Uint8Array.from(varint(key)), new Uint8Array(view.buffer));
}

/** Seven bits a byte, the lowest first; the highest bit says that there are more. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}
