/** Saving to and loading from NPZ archives, in Chainer's key layout. */
import { NdArray } from "@chain/array";
import { readWholeFile, writeFileAtomically } from "./atomic-write.js";
import { DictionarySerializer } from "./dictionary-serializer.js";
import { encodeArray, encodeBoolean, encodeNone, encodeNumber, encodeText } from "./npy.js";
import { NpzDeserializer } from "./npz-deserializer.js";
import { NpzFile } from "./npz-file.js";
import { SerializationError } from "./serialization-error.js";
import type { SavedValue, Serializable } from "./serializer.js";
import type { LoadOptions } from "./stored-deserializer.js";
import { dtypeOfTyped } from "./stored-value.js";
import { concatenate, writeZip } from "./zip-writer.js";

/** How an archive is saved. */
export interface SaveOptions {
  /** Whether to compress (the default). */
  readonly compression?: boolean;
}

/**
 * Saves an object (a link, an optimizer, a trainer) to an NPZ file that Chainer and NumPy read (Chainer's `save_npz`).
 *
 * What is saved is the state at the time of the call, even if training goes on before the returned promise resolves.
 * The file is replaced atomically: whatever happens, there is the old one or the whole new one.
 *
 * @throws FileError if the file cannot be written.
 */
export async function saveNpz(file: string | URL, object: Serializable, options: SaveOptions = {}): Promise<void> {
  await writeNpz(file, await takeNpz(object), options);
}

/** The state of an object at one moment: NPY files by name, as they are in an archive. */
export type NpzEntries = ReadonlyMap<string, Uint8Array>;

/**
 * The first half of {@link saveNpz}: takes the state of an object at the time of the call. What comes out is bytes, which
 * may be sent to a worker.
 */
export async function takeNpz(object: Serializable): Promise<NpzEntries> {
  const serializer = new DictionarySerializer();
  serializer.save(object);
  // All reads are queued before the first is awaited: the archive is of one moment.
  const entries = [...serializer.target].map(async ([key, value]) => [`${key}.npy`, await encode(value)] as const);
  return new Map(await Promise.all(entries));
}

/** The second half of {@link saveNpz}: writes what {@link takeNpz} has taken. */
export async function writeNpz(file: string | URL, entries: NpzEntries, options: SaveOptions = {}): Promise<void> {
  await writeFileAtomically(file, await writeZip(entries, { compression: options.compression ?? true }));
}

/**
 * Loads an object from an NPZ file (Chainer's `load_npz`). Pickled objects are never read.
 *
 * @throws FileError if the file cannot be read, DamagedFileError if it is not whole, SerializationError if it lacks an
 *   entry (unless `strict: false`), or holds one of another shape or kind. The object is then as it was.
 */
export async function loadNpz(file: string | URL, object: Serializable, options: LoadOptions = {}): Promise<void> {
  const bytes = await readWholeFile(file);
  try {
    fromNpz(bytes, object, options);
  } catch (error) {
    if (!(error instanceof SerializationError)) throw error;
    throw error.within(`cannot load ${String(file)}: `);
  }
}

/** As {@link saveNpz}, to bytes in memory. */
export async function toNpz(object: Serializable, options: SaveOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  return concatenate(await writeZip(await takeNpz(object), { compression: options.compression ?? true }));
}

/** As {@link loadNpz}, from bytes in memory. */
export function fromNpz(bytes: Uint8Array, object: Serializable, options: LoadOptions = {}): void {
  new NpzDeserializer(new NpzFile(bytes), options).load(object);
}

async function encode(value: SavedValue): Promise<Uint8Array> {
  if (value === null) return encodeNone();
  if (typeof value === "number") return encodeNumber(value);
  if (typeof value === "boolean") return encodeBoolean(value);
  if (typeof value === "string") return encodeText(value);
  const { dtype, shape } = value instanceof NdArray ? value : { dtype: dtypeOfTyped(value), shape: [value.length] };
  return encodeArray({ dtype, shape, data: value instanceof NdArray ? await value.data() : value });
}
