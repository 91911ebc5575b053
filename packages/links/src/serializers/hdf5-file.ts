import type { Dataset, File } from "h5wasm";
import { withTemporary, type Hdf5Library } from "./hdf5-library.js";
import { DamagedFileError, SerializationError } from "./serialization-error.js";
import {
  decodeElements,
  missing,
  sizeOf,
  type ElementType,
  type StoredValue,
  type StoredValues,
} from "./stored-value.js";

/** The attribute that says what an array stands for that HDF5, as it is written here, has no word for. */
export const kindAttribute = "chain";

/** DEFLATE makes a thousand bytes of one at best; more is made to exhaust memory. */
const bestRatio = 1032;

/** Kinds of elements, as the library numbers them. */
const [integer, float, string, enumeration] = [0, 1, 3, 8];

/** The arrays of an HDF5 file in memory, by path. */
export class Hdf5File implements StoredValues {
  private constructor(
    private readonly library: Hdf5Library,
    private readonly file: File,
    private readonly bytes: number,
  ) {}

  /**
   * Opens a file for as long as `body` runs.
   *
   * @throws DamagedFileError if `bytes` are no HDF5 file.
   */
  static open<T>(library: Hdf5Library, bytes: Uint8Array, body: (file: Hdf5File) => T): T {
    return withTemporary(library, (path) => {
      library.files.writeFile(path, bytes);
      const file = reading("it is not an HDF5 file, or it is cut off", () => new library.h5.File(path, "r"));
      try {
        return body(new Hdf5File(library, file, bytes.length));
      } finally {
        reading("it is damaged", () => file.close());
      }
    });
  }

  keys(): string[] {
    return reading("it is damaged", () => this.file.paths()).filter((path) => this.find(path) !== null);
  }

  has(key: string): boolean {
    return this.find(key) !== null;
  }

  shape(key: string): readonly number[] | null {
    const dataset = this.dataset(key);
    if (dataset.shape === null || this.kindOf(dataset) === "None" || dataset.metadata.type === string) return null;
    return dataset.shape;
  }

  get(key: string): StoredValue {
    try {
      return this.read(this.dataset(key));
    } catch (error) {
      if (error instanceof SerializationError) throw error.within(`entry "${key}": `);
      throw new DamagedFileError(`entry "${key}" is damaged`, { cause: error });
    }
  }

  private read(dataset: Dataset): StoredValue {
    const { metadata, shape } = dataset;
    const kind = this.kindOf(dataset);
    if (shape === null || kind === "None") return { kind: "none" };
    if (sizeOf(shape) * metadata.size > this.bytes * bestRatio) throw new DamagedFileError("its size is impossible");
    const { value } = dataset;
    if (metadata.type === string) {
      if (typeof value !== "string")
        throw new SerializationError("it holds several texts; only a single one can be read");
      return { kind: "text", text: value };
    }
    const type = elementType(metadata, kind);
    if (type === null) throw new SerializationError("its element type has no counterpart");
    const stored = decodeElements(type, shape, bytesOf(type, value));
    // Half precision is written as single, in which every value has its place.
    return kind === "float16" && stored.kind === "array" ? { ...stored, dtype: "float16" } : stored;
  }

  private kindOf(dataset: Dataset): unknown {
    return dataset.attrs[kindAttribute]?.value;
  }

  private dataset(key: string): Dataset {
    const found = this.find(key);
    if (found === null) throw missing(key, this.keys());
    return found;
  }

  /** Links to other files are never followed. */
  private find(key: string): Dataset | null {
    const found = reading("it is damaged", () => this.file.get(key));
    return found instanceof this.library.h5.Dataset ? found : null;
  }
}

function elementType({ type, signed, size }: Dataset["metadata"], kind: unknown): ElementType | null {
  // What h5py writes for booleans: an enumeration of one byte.
  if (size === 1 && (kind === "bool" || type === enumeration)) return "b1";
  const name = type === integer ? `${signed ? "i" : "u"}${size}` : type === float ? `f${size}` : "";
  const known: readonly string[] = ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"];
  return known.includes(name) ? (name as ElementType) : null;
}

/** Elements as bytes at the start of a buffer of their own; the library gives those of 0-d arrays as they are. */
function bytesOf(type: ElementType, value: unknown): Uint8Array<ArrayBuffer> {
  if (ArrayBuffer.isView(value)) {
    return Uint8Array.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }
  const view = new DataView(new ArrayBuffer(Number(type.at(-1))));
  if (typeof value === "bigint") view.setBigInt64(0, value, true);
  else if (typeof value !== "number" && typeof value !== "boolean") {
    throw new SerializationError("its element type has no counterpart");
  } else if (type === "f8") view.setFloat64(0, Number(value), true);
  else if (type === "f4") view.setFloat32(0, Number(value), true);
  else if (view.byteLength === 4) view.setInt32(0, Number(value), true);
  else if (view.byteLength === 2) view.setInt16(0, Number(value), true);
  else view.setInt8(0, Number(value));
  return new Uint8Array(view.buffer);
}

function reading<T>(message: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof SerializationError) throw error;
    throw new DamagedFileError(message, { cause: error });
  }
}
