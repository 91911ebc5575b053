import { decodeNpy, elementSize, pickled } from "./npy.js";
import { headerLength, parseHeader, type NpyHeader } from "./npy-header.js";
import { SerializationError } from "./serialization-error.js";
import { missing, sizeOf, type StoredValue, type StoredValues } from "./stored-value.js";
import { ZipReader } from "./zip-reader.js";

/** Headers come in the first bytes; this much has all but the strangest. */
const usualHeader = 128;

/** More bytes than any pickle of None has. */
const longestNone = 256;

/** The arrays of an NPZ archive in memory, by key. They are decoded when they are asked for, and then kept. */
export class NpzFile implements StoredValues {
  private readonly archive: ZipReader;
  private readonly values = new Map<string, StoredValue>();

  /** @throws SerializationError if `bytes` are no sound ZIP archive. */
  constructor(bytes: Uint8Array) {
    this.archive = new ZipReader(bytes);
  }

  /** Keys of all arrays, in the archive's order. */
  keys(): string[] {
    return this.archive.names().map((name) => name.replace(/\.npy$/, ""));
  }

  has(key: string): boolean {
    return this.archive.has(`${key}.npy`);
  }

  /** What the header of an array says; the array itself is not read. */
  header(key: string): NpyHeader {
    return this.about(key, (name) => {
      let bytes = this.archive.beginning(name, usualHeader);
      const length = headerLength(bytes);
      if (bytes.length < length) bytes = this.archive.beginning(name, length);
      const header = parseHeader(bytes);
      const size = elementSize(header);
      const announced = header.dataOffset + sizeOf(header.shape) * size;
      if (size === 0 && this.archive.sizeOf(name) > announced + longestNone) throw pickled();
      if (size !== 0 && announced !== this.archive.sizeOf(name)) {
        throw new SerializationError(`its header announces ${announced} bytes, it has ${this.archive.sizeOf(name)}`);
      }
      return header;
    });
  }

  shape(key: string): readonly number[] | null {
    const { descr, shape } = this.header(key);
    return descr === "|O" ? null : shape;
  }

  /** An array, text or None. */
  get(key: string): StoredValue {
    let value = this.values.get(key);
    if (value === undefined) {
      this.header(key); // sizes agree before memory is taken for them
      value = this.about(key, (name) => decodeNpy(this.archive.read(name)));
      this.values.set(key, value);
    }
    return value;
  }

  private about<T>(key: string, body: (name: string) => T): T {
    if (!this.has(key)) throw missing(key, this.keys());
    try {
      return body(`${key}.npy`);
    } catch (error) {
      if (error instanceof SerializationError) {
        throw error.within(`entry "${key}": `);
      }
      throw error;
    }
  }
}
