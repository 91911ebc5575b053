/** Saving to and loading from HDF5 files, in Chainer's layout; with the optional package `h5wasm`. */
import { NdArray, type DType, type TypedArray } from "@chain/array";
import { readWholeFile, writeFileAtomically } from "./atomic-write.js";
import { DictionarySerializer } from "./dictionary-serializer.js";
import { Hdf5File, kindAttribute } from "./hdf5-file.js";
import { hdf5Library, withTemporary, type Hdf5Library } from "./hdf5-library.js";
import { SerializationError } from "./serialization-error.js";
import type { SavedValue, Serializable } from "./serializer.js";
import { StoredDeserializer, type LoadOptions } from "./stored-deserializer.js";
import { dtypeOfTyped } from "./stored-value.js";

/** How an HDF5 file is saved. */
export interface SaveHdf5Options {
  /** How hard to compress with gzip, from 0, not at all, to 9. Default: 4. */
  readonly compression?: number;
}

/** What is written for one entry. */
interface Entry {
  readonly key: string;
  readonly data: TypedArray | BigInt64Array | string;
  readonly shape: readonly number[];
  /** As the library names element types. */
  readonly dtype: string | null;
  /** What the array stands for, where it is not what it looks like. */
  readonly kind: "bool" | "float16" | "None" | null;
}

const names: Record<DType, string> = {
  bool: "<B",
  uint8: "<B",
  int32: "<i",
  uint32: "<I",
  float16: "<f",
  float32: "<f",
  float64: "<d",
};

/**
 * Saves an object to an HDF5 file (Chainer's `save_hdf5`): a dataset for every entry, in groups as the keys say. float16 is
 * stored as float32, booleans as bytes, None as an empty dataset, each with an attribute that says so. The file is replaced
 * atomically; it holds the state at the time of the call.
 *
 * @throws FileError if the file cannot be written, SerializationError without the package `h5wasm`.
 */
export async function saveHdf5(file: string | URL, object: Serializable, options: SaveHdf5Options = {}): Promise<void> {
  await writeFileAtomically(file, await toHdf5(object, options));
}

/**
 * Loads an object from an HDF5 file (Chainer's `load_hdf5`). Links to other files are never followed. HDF5 has no checksums here: a
 * changed element is another number.
 *
 * @throws FileError if the file cannot be read, DamagedFileError if it is not whole, SerializationError if it lacks an
 *   entry (unless `strict: false`), or holds one of another shape or kind. The object is then as it was.
 */
export async function loadHdf5(file: string | URL, object: Serializable, options: LoadOptions = {}): Promise<void> {
  const bytes = await readWholeFile(file);
  try {
    await fromHdf5(bytes, object, options);
  } catch (error) {
    if (!(error instanceof SerializationError)) throw error;
    throw error.within(`cannot load ${String(file)}: `);
  }
}

/** As {@link loadHdf5}, from bytes in memory. */
export async function fromHdf5(bytes: Uint8Array, object: Serializable, options: LoadOptions = {}): Promise<void> {
  const library = await hdf5Library();
  Hdf5File.open(library, bytes, (file) => new StoredDeserializer(file, options).load(object));
}

/** As {@link saveHdf5}, to bytes in memory. */
export async function toHdf5(object: Serializable, options: SaveHdf5Options = {}): Promise<Uint8Array<ArrayBuffer>> {
  const serializer = new DictionarySerializer();
  serializer.save(object);
  const entries = await Promise.all([...serializer.target].map(([key, value]) => entryOf(key, value)));
  const library = await hdf5Library();
  return withTemporary(library, (path) => {
    write(library, path, entries, options.compression ?? 4);
    return library.files.readFile(path);
  });
}

function write({ h5 }: Hdf5Library, path: string, entries: readonly Entry[], compression: number): void {
  const file = new h5.File(path, "w");
  try {
    const groups = new Set<string>();
    for (const { key, data, shape, dtype, kind } of entries) {
      for (let end = key.indexOf("/"); end !== -1; end = key.indexOf("/", end + 1)) {
        const group = key.slice(0, end);
        if (group !== "" && !groups.has(group)) file.create_group(group);
        groups.add(group);
      }
      const compressible = typeof data !== "string" && data.length > 1 && compression > 0;
      const dataset = file.create_dataset({
        name: key,
        data: data as Float32Array,
        shape: [...shape],
        ...(dtype === null ? {} : { dtype }),
        ...(compressible ? { chunks: [...shape], compression } : {}),
      });
      if (kind !== null) dataset.create_attribute(kindAttribute, kind);
    }
  } finally {
    file.close();
  }
}

async function entryOf(key: string, value: SavedValue): Promise<Entry> {
  if (value === null) return { key, data: new Float32Array(0), shape: [0], dtype: "<f", kind: "None" };
  if (typeof value === "string") return { key, data: value, shape: [], dtype: null, kind: null };
  if (typeof value === "boolean")
    return { key, data: Uint8Array.of(value ? 1 : 0), shape: [], dtype: "<B", kind: "bool" };
  if (typeof value === "number") {
    const isWhole = Number.isSafeInteger(value) && !Object.is(value, -0);
    const data = isWhole ? BigInt64Array.of(BigInt(value)) : Float64Array.of(value);
    return { key, data, shape: [], dtype: isWhole ? "<q" : "<d", kind: null };
  }
  const { dtype, shape } = value instanceof NdArray ? value : { dtype: dtypeOfTyped(value), shape: [value.length] };
  const data = value instanceof NdArray ? await value.data() : value.slice();
  return { key, data, shape, dtype: names[dtype], kind: dtype === "bool" || dtype === "float16" ? dtype : null };
}
