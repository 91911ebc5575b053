import { Inflate, inflateSync } from "fflate/browser";
import { crc32 } from "./crc32.js";
import { DamagedFileError, SerializationError } from "./serialization-error.js";
import { agreesWithComment } from "./zip-checksum.js";

interface Entry {
  /** 0: stored, 8: DEFLATE. */
  readonly method: number;
  readonly crc: number;
  readonly compressed: number;
  readonly size: number;
  /** Position of the local header. */
  readonly offset: number;
}

/** DEFLATE cannot do better than this, so that an entry that claims to is damaged or made to exhaust memory. */
const bestRatio = 1032;

/**
 * A ZIP archive in memory. Entries are only names for bytes: nothing is ever written anywhere. Sizes are checked before
 * memory is taken, contents against their checksums.
 */
export class ZipReader {
  private readonly entries = new Map<string, Entry>();
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor({ buffer, byteOffset, byteLength }: Uint8Array) {
    this.bytes = new Uint8Array(buffer, byteOffset, byteLength); // not a Buffer, whose slice() is a view
    this.view = new DataView(buffer, byteOffset, byteLength);
    const { count, start, end } = this.findDirectory();
    let at = start;
    for (let i = 0; i < count; i++) at = this.readEntry(at, end);
    if (at !== end) throw new DamagedFileError("its directory is damaged");
  }

  /** Names of all entries, in the archive's order. */
  names(): string[] {
    return [...this.entries.keys()];
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** Size of an entry's contents in bytes, as the directory has it. */
  sizeOf(name: string): number {
    return this.entry(name).size;
  }

  /** At least the first `length` bytes of an entry, or all of it; without a check of the rest. */
  beginning(name: string, length: number): Uint8Array {
    const entry = this.entry(name);
    const packed = this.packed(name, entry);
    if (entry.method === 0) return packed;
    const wanted = Math.min(length, entry.size);
    let result = new Uint8Array(0);
    const inflate = new Inflate((chunk) => {
      const longer = new Uint8Array(result.length + chunk.length);
      longer.set(result);
      longer.set(chunk, result.length);
      result = longer;
    });
    this.inflating(name, () => {
      for (let at = 0; result.length < wanted && at < packed.length; at += 512) {
        inflate.push(packed.subarray(at, at + 512), at + 512 >= packed.length);
      }
    });
    if (result.length < wanted) throw new DamagedFileError(`entry "${name}" is shorter than it should be`);
    return result;
  }

  /** The contents of an entry. */
  read(name: string): Uint8Array {
    const entry = this.entry(name);
    const packed = this.packed(name, entry);
    const contents =
      entry.method === 0
        ? packed
        : this.inflating(name, () => inflateSync(packed, { out: new Uint8Array(entry.size) }));
    if (contents.length !== entry.size) throw new DamagedFileError(`entry "${name}" is shorter than it should be`);
    if (crc32(contents) !== entry.crc) throw new DamagedFileError(`entry "${name}" is damaged (wrong checksum)`);
    return contents;
  }

  private entry(name: string): Entry {
    const entry = this.entries.get(name);
    if (entry === undefined) throw new SerializationError(`there is no entry "${name}"`);
    return entry;
  }

  private inflating<T>(name: string, body: () => T): T {
    try {
      return body();
    } catch (error) {
      throw new DamagedFileError(`entry "${name}" is damaged`, { cause: error });
    }
  }

  /** An entry's bytes as they lie in the archive. */
  private packed(name: string, entry: Entry): Uint8Array {
    const { offset, compressed } = entry;
    const damaged = new DamagedFileError(`entry "${name}" is damaged`);
    if (offset + 30 > this.bytes.length || this.view.getUint32(offset, true) !== 0x04034b50) throw damaged;
    const nameEnd = offset + 30 + this.view.getUint16(offset + 26, true);
    const start = nameEnd + this.view.getUint16(offset + 28, true);
    if (start + compressed > this.bytes.length) throw damaged;
    if (decodeName(this.bytes.subarray(offset + 30, nameEnd)) !== name) throw damaged;
    return this.bytes.subarray(start, start + compressed);
  }

  private findDirectory(): { count: number; start: number; end: number } {
    const { view, bytes } = this;
    // The end record is 22 bytes and a comment of up to 65535 bytes.
    let at = bytes.length - 22;
    const lowest = Math.max(0, at - 0xffff);
    while (
      at >= lowest &&
      (view.getUint32(at, true) !== 0x06054b50 || at + 22 + view.getUint16(at + 20, true) !== bytes.length)
    ) {
      at--;
    }
    if (at < lowest) throw new DamagedFileError("it is not a ZIP archive, or it is cut off");
    let count = view.getUint16(at + 10, true);
    let size = view.getUint32(at + 12, true);
    let start = view.getUint32(at + 16, true);
    let end = at;
    if (at >= 20 && view.getUint32(at - 20, true) === 0x07064b50) {
      const record = this.uint64(at - 12);
      if (record + 56 > at - 20 || view.getUint32(record, true) !== 0x06064b50) {
        throw new DamagedFileError("its directory is damaged");
      }
      count = this.uint64(record + 32);
      size = this.uint64(record + 40);
      start = this.uint64(record + 48);
      end = record;
    }
    if (start + size !== end) throw new DamagedFileError("its directory is damaged, or it is cut off");
    if (agreesWithComment(bytes.subarray(start, at + 22), bytes.subarray(at + 22)) === false) {
      throw new DamagedFileError("its directory is damaged (wrong checksum)");
    }
    return { count, start, end };
  }

  /** Reads one entry of the directory and returns the position after it. */
  private readEntry(at: number, end: number): number {
    const { view } = this;
    if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50)
      throw new DamagedFileError("its directory is damaged");
    const nameEnd = at + 46 + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    const next = extraEnd + view.getUint16(at + 32, true);
    if (next > end) throw new DamagedFileError("its directory is damaged");
    const name = decodeName(this.bytes.subarray(at + 46, nameEnd));
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    if (flags & 1) throw new SerializationError(`entry "${name}" is encrypted`);
    if (method !== 0 && method !== 8) throw new SerializationError(`entry "${name}" has unknown compression ${method}`);
    const large = this.largeSizes(nameEnd, extraEnd);
    const pick = (value: number): number => (value === 0xffffffff ? large() : value);
    const size = pick(view.getUint32(at + 24, true));
    const compressed = pick(view.getUint32(at + 20, true));
    const offset = pick(view.getUint32(at + 42, true));
    if (size > compressed * bestRatio || (method === 0 && size !== compressed)) {
      throw new DamagedFileError(`entry "${name}" has impossible sizes`);
    }
    if (this.entries.has(name)) throw new DamagedFileError(`entry "${name}" appears twice`);
    this.entries.set(name, { method, crc: view.getUint32(at + 16, true), compressed, size, offset });
    return next;
  }

  /** The 64-bit values of an entry's ZIP64 field, in order. */
  private largeSizes(start: number, end: number): () => number {
    const { view } = this;
    let at = start;
    while (at + 4 <= end && view.getUint16(at, true) !== 1) at += 4 + view.getUint16(at + 2, true);
    const fieldEnd = at + 4 <= end ? Math.min(end, at + 4 + view.getUint16(at + 2, true)) : at;
    at += 4;
    return () => {
      if (at + 8 > fieldEnd) throw new DamagedFileError("its directory is damaged");
      at += 8;
      return this.uint64(at - 8);
    };
  }

  private uint64(at: number): number {
    const value = this.view.getBigUint64(at, true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new DamagedFileError("its directory is damaged");
    return Number(value);
  }
}

function decodeName(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
