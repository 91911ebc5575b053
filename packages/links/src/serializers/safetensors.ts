/** Saving to and loading from safetensors files, the format in which weights are passed around (Hugging Face). */
import { NdArray, type DType } from "@chain/array";
import { readWholeFile, writeFileAtomically } from "./atomic-write.js";
import { DictionarySerializer } from "./dictionary-serializer.js";
import { extraKey, SafetensorsFile } from "./safetensors-file.js";
import { SerializationError } from "./serialization-error.js";
import type { SavedValue, Serializable } from "./serializer.js";
import { StoredDeserializer, type LoadOptions } from "./stored-deserializer.js";
import { dtypeOfTyped, elementBytes } from "./stored-value.js";
import { concatenate } from "./zip-writer.js";

/** How a safetensors file is saved. */
export interface SaveSafetensorsOptions {
  /** Texts that say what the file is: `{ format: "pt" }` is what some programs ask for. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const names: Record<DType, string> = {
  bool: "BOOL",
  uint8: "U8",
  int32: "I32",
  uint32: "U32",
  float16: "F16",
  float32: "F32",
  float64: "F64",
};

/** The order of arrays in a file is the reference writer's: wide elements first, so that all are aligned; then by name. */
const order = ["I64", "F64", "F32", "U32", "I32", "F16", "U8", "BOOL"];

interface Tensor {
  readonly key: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/**
 * Saves an object to a safetensors file, with the keys that {@link saveNpz} gives. Numbers are stored as 0-d arrays, texts
 * and None in the metadata. The file is replaced atomically; it holds the state at the time of the call.
 *
 * @throws FileError if the file cannot be written.
 */
export async function saveSafetensors(
  file: string | URL,
  object: Serializable,
  options: SaveSafetensorsOptions = {},
): Promise<void> {
  await writeFileAtomically(file, await toSafetensors(object, options));
}

/**
 * Loads an object from a safetensors file. Keys of other frameworks' files are brought together with Chain's by
 * `rename`.
 *
 * @throws FileError if the file cannot be read, DamagedFileError if it is not whole, SerializationError if it lacks an
 *   entry (unless `strict: false`), or holds one of another shape or kind. The object is then as it was.
 */
export async function loadSafetensors(
  file: string | URL,
  object: Serializable,
  options: LoadOptions = {},
): Promise<void> {
  const bytes = await readWholeFile(file);
  try {
    fromSafetensors(bytes, object, options);
  } catch (error) {
    if (!(error instanceof SerializationError)) throw error;
    throw error.within(`cannot load ${String(file)}: `);
  }
}

/** As {@link loadSafetensors}, from bytes in memory. */
export function fromSafetensors(bytes: Uint8Array, object: Serializable, options: LoadOptions = {}): void {
  new StoredDeserializer(new SafetensorsFile(bytes), options).load(object);
}

/** As {@link saveSafetensors}, to bytes in memory. */
export async function toSafetensors(
  object: Serializable,
  options: SaveSafetensorsOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const serializer = new DictionarySerializer();
  serializer.save(object);
  const extras: Record<string, string | null> = {};
  const pending: Promise<Tensor>[] = [];
  for (const [key, value] of serializer.target) {
    if (value === null || typeof value === "string") extras[key] = value;
    else pending.push(tensorOf(key, value));
  }
  const tensors = (await Promise.all(pending)).sort((a, b) => rank(a) - rank(b) || (a.key < b.key ? -1 : 1));
  const metadata = { ...options.metadata };
  if (Object.keys(extras).length > 0) metadata[extraKey] = JSON.stringify(extras);
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [["__metadata__", metadata]] : [];
  let at = 0;
  for (const { key, dtype, shape, bytes } of tensors) {
    if (key === "__metadata__") throw new SerializationError('an entry of this format cannot be called "__metadata__"');
    header.push([key, { dtype, shape, data_offsets: [at, (at += bytes.length)] }]);
  }
  return concatenate([...encodeHeader(header), ...tensors.map(({ bytes }) => bytes)]);
}

/** The header's length and the header, padded with blanks so that elements begin at a multiple of 8. */
function encodeHeader(entries: readonly [string, unknown][]): [Uint8Array, Uint8Array] {
  const json = `{${entries.map(([key, about]) => `${JSON.stringify(key)}:${JSON.stringify(about)}`).join(",")}}`;
  const text = new TextEncoder().encode(json);
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20);
  padded.set(text);
  return [new Uint8Array(BigUint64Array.of(BigInt(padded.length)).buffer), padded];
}

async function tensorOf(key: string, value: Exclude<SavedValue, string | null>): Promise<Tensor> {
  if (typeof value === "boolean") return { key, dtype: "BOOL", shape: [], bytes: Uint8Array.of(value ? 1 : 0) };
  if (typeof value === "number") {
    const isWhole = Number.isSafeInteger(value) && !Object.is(value, -0);
    const { buffer } = isWhole ? BigInt64Array.of(BigInt(value)) : Float64Array.of(value);
    return { key, dtype: isWhole ? "I64" : "F64", shape: [], bytes: new Uint8Array(buffer) };
  }
  const { dtype, shape } = value instanceof NdArray ? value : { dtype: dtypeOfTyped(value), shape: [value.length] };
  const data = value instanceof NdArray ? await value.data() : value.slice();
  return { key, dtype: names[dtype], shape, bytes: elementBytes({ dtype, shape, data }) };
}

function rank({ dtype }: Tensor): number {
  return order.indexOf(dtype);
}
