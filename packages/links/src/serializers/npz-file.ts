import { decodeNpy, elementCount, elementSize, type StoredValue } from "./npy.js";
import { headerLength, parseHeader, type NpyHeader } from "./npy-header.js";
import { SerializationError } from "./serialization-error.js";
import { ZipReader } from "./zip-reader.js";

/** Headers come in the first bytes; this much has all but the strangest. */
const usualHeader = 128;

/** The arrays of an NPZ archive in memory, by key. They are decoded when they are asked for, and then kept. */
export class NpzFile {
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
      const announced = header.dataOffset + elementCount(header) * size;
      if (size !== 0 && announced !== this.archive.sizeOf(name)) {
        throw new SerializationError(`its header announces ${announced} bytes, it has ${this.archive.sizeOf(name)}`);
      }
      return header;
    });
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
    if (!this.has(key)) throw new SerializationError(`there is no entry "${key}"${this.similar(key)}`);
    try {
      return body(`${key}.npy`);
    } catch (error) {
      if (error instanceof SerializationError) {
        throw error.within(`entry "${key}": `);
      }
      throw error;
    }
  }

  /** Help for the commonest mistake: the model is saved as part of something, or something was saved as a whole. */
  private similar(key: string): string {
    const keys = this.keys();
    const longer = keys.find((other) => other.endsWith(`/${key}`));
    if (longer !== undefined) return `; there is "${longer}": give path: "${longer.slice(0, -key.length)}"`;
    const some = keys.slice(0, 4).map((other) => `"${other}"`);
    return `; there are ${some.join(", ")}${keys.length > 4 ? ` and ${keys.length - 4} more` : ""}`;
  }
}
