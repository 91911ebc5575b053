import { crc32 } from "./crc32.js";
import { deflate } from "./deflate.js";
import { formatDirectoryChecksum } from "./zip-checksum.js";

/** How a ZIP archive is written. */
export interface ZipOptions {
  /** Whether entries are compressed with DEFLATE, or stored. */
  readonly compression: boolean;
  /** Sizes and positions from this one on are written with 64 bits (ZIP64). Default: where 32 bits do not suffice. */
  readonly large?: number;
}

/** 1 January 1980, the earliest date: equal contents give equal archives. */
const date = 0x0021;
/** Names are UTF-8. */
const utf8 = 0x0800;
/** Stands for a number that is in the ZIP64 field. */
const elsewhere = 0xffffffff;

interface Fields {
  readonly name: Uint8Array;
  readonly method: number;
  readonly crc: number;
  readonly compressed: number;
  readonly size: number;
}

/**
 * Writes entries, in order, as a ZIP archive, given as stretches of bytes one after the other. The checksum of its
 * directory, which has those of all entries in it, is in the archive's comment.
 */
export async function writeZip(entries: ReadonlyMap<string, Uint8Array>, options: ZipOptions): Promise<Uint8Array[]> {
  const { compression, large = elsewhere } = options;
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [name, contents] of entries) {
    const packed = compression ? await deflate(contents) : contents;
    const fields: Fields = {
      name: new TextEncoder().encode(name),
      method: compression ? 8 : 0,
      crc: crc32(contents),
      compressed: packed.length,
      size: contents.length,
    };
    const header = localHeader(fields, large);
    directory.push(directoryHeader(fields, offset, large));
    parts.push(header, packed);
    offset += header.length + packed.length;
  }
  const signed = concatenate([...directory, endRecords(entries.size, offset, lengthOf(directory), large)]);
  return [...parts, signed, formatDirectoryChecksum(signed)];
}

/** Stretches of bytes as one. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(lengthOf(parts));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function localHeader(fields: Fields, large: number): Uint8Array {
  const { size, compressed } = fields;
  const wide = size >= large || compressed >= large ? [size, compressed] : [];
  const view = new DataView(new ArrayBuffer(30));
  view.setUint32(0, 0x04034b50, true);
  common(view, 4, fields, wide);
  return concatenate([new Uint8Array(view.buffer), fields.name, zip64Field(wide)]);
}

function directoryHeader(fields: Fields, offset: number, large: number): Uint8Array {
  const { size, compressed } = fields;
  const isWide = size >= large || compressed >= large || offset >= large;
  const wide = isWide ? [size, compressed, offset] : [];
  const view = new DataView(new ArrayBuffer(46));
  view.setUint32(0, 0x02014b50, true);
  view.setUint16(4, isWide ? 45 : 20, true);
  common(view, 6, fields, wide);
  view.setUint32(42, isWide ? elsewhere : offset, true);
  return concatenate([new Uint8Array(view.buffer), fields.name, zip64Field(wide)]);
}

/** What the two kinds of header have in common: 26 bytes from the version on. */
function common(view: DataView, at: number, fields: Fields, wide: readonly number[]): void {
  const isWide = wide.length > 0;
  view.setUint16(at, isWide ? 45 : 20, true);
  view.setUint16(at + 2, utf8, true);
  view.setUint16(at + 4, fields.method, true);
  view.setUint16(at + 8, date, true);
  view.setUint32(at + 10, fields.crc, true);
  view.setUint32(at + 14, isWide ? elsewhere : fields.compressed, true);
  view.setUint32(at + 18, isWide ? elsewhere : fields.size, true);
  view.setUint16(at + 22, fields.name.length, true);
  view.setUint16(at + 24, isWide ? 4 + 8 * wide.length : 0, true);
}

/** The extra field that has numbers of 64 bits; nothing, if there are none. */
function zip64Field(numbers: readonly number[]): Uint8Array {
  if (numbers.length === 0) return new Uint8Array(0);
  const view = new DataView(new ArrayBuffer(4 + 8 * numbers.length));
  view.setUint16(0, 1, true);
  view.setUint16(2, 8 * numbers.length, true);
  numbers.forEach((number, i) => view.setBigUint64(4 + 8 * i, BigInt(number), true));
  return new Uint8Array(view.buffer);
}

/** What comes after the directory, up to the comment: with ZIP64's records in front where numbers need them. */
function endRecords(count: number, start: number, size: number, large: number): Uint8Array {
  const isWide = count >= Math.min(large, 0xffff) || start >= large || size >= large;
  const record = new DataView(new ArrayBuffer(isWide ? 56 : 0));
  const locator = new DataView(new ArrayBuffer(isWide ? 20 : 0));
  if (isWide) {
    record.setUint32(0, 0x06064b50, true);
    record.setBigUint64(4, 44n, true); // the bytes that follow
    record.setUint16(12, 45, true);
    record.setUint16(14, 45, true);
    record.setBigUint64(24, BigInt(count), true);
    record.setBigUint64(32, BigInt(count), true);
    record.setBigUint64(40, BigInt(size), true);
    record.setBigUint64(48, BigInt(start), true);
    locator.setUint32(0, 0x07064b50, true);
    locator.setBigUint64(8, BigInt(start + size), true);
    locator.setUint32(16, 1, true);
  }
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, isWide ? 0xffff : count, true);
  end.setUint16(10, isWide ? 0xffff : count, true);
  end.setUint32(12, isWide ? elsewhere : size, true);
  end.setUint32(16, isWide ? elsewhere : start, true);
  end.setUint16(20, formatDirectoryChecksum(new Uint8Array(0)).length, true);
  return concatenate([record, locator, end].map(({ buffer }) => new Uint8Array(buffer)));
}
