import { ValueError } from "@chain/array";

/** What an IDX file of bytes holds. */
export interface IdxData {
  readonly shape: readonly number[];
  readonly data: Uint8Array<ArrayBuffer>;
}

/**
 * Reads the IDX format of unsigned bytes, in which MNIST and its relatives come: two zero bytes, the type, the number of
 * axes, their lengths as big-endian 32-bit integers, the elements.
 *
 * @throws ValueError if it is anything else, or not whole.
 */
export function parseIdx(bytes: Uint8Array<ArrayBuffer>, name: string): IdxData {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rank = bytes[3] ?? 0;
  const header = 4 + 4 * rank;
  if (bytes.length < header || view.getUint16(0) !== 0 || bytes[2] !== 8) {
    throw new ValueError(`${name} is not an IDX file of bytes: remove it to get it again`);
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((product, length) => product * length, 1);
  if (bytes.length !== header + size) {
    throw new ValueError(
      `${name} should have ${header + size} bytes and has ${bytes.length}: remove it to get it again`,
    );
  }
  return { shape, data: bytes.subarray(header) };
}
