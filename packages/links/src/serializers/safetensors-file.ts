import { DamagedFileError, SerializationError } from "./serialization-error.js";
import {
  decodeElements,
  missing,
  sizeOf,
  type ElementType,
  type StoredValue,
  type StoredValues,
} from "./stored-value.js";

/** Element types by their names in the format. */
const types: ReadonlyMap<string, ElementType> = new Map([
  ["BOOL", "b1"],
  ["U8", "u1"],
  ["I8", "i1"],
  ["I16", "i2"],
  ["U16", "u2"],
  ["I32", "i4"],
  ["U32", "u4"],
  ["I64", "i8"],
  ["U64", "u8"],
  ["F16", "f2"],
  ["BF16", "bf2"],
  ["F32", "f4"],
  ["F64", "f8"],
]);

/** The longest header that the format allows. */
const longestHeader = 100_000_000;

/** The key under which Chain keeps texts and Nones, for which the format has no place among the arrays. */
export const extraKey = "chain";

interface Tensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Where its elements are, counted from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

/**
 * The arrays of a safetensors file in memory, by key. As the format's reference reader does, it checks everything when it
 * is made: arrays lie one after the other, without gaps, and have the sizes that their shapes say.
 *
 * The format has no checksums: a changed element is another number.
 */
export class SafetensorsFile implements StoredValues {
  /** Texts that say what the file is. */
  readonly metadata: Readonly<Record<string, string>>;
  private readonly tensors: ReadonlyMap<string, Tensor>;
  private readonly extras: ReadonlyMap<string, string | null>;
  private readonly body: Uint8Array;

  /** @throws DamagedFileError if `bytes` are no sound safetensors file. */
  constructor(bytes: Uint8Array) {
    const { header, start } = readHeader(bytes);
    this.body = bytes.subarray(start);
    const { __metadata__: metadata = {}, ...tensors } = header;
    this.metadata = metadataOf(metadata);
    this.tensors = new Map(Object.entries(tensors).map(([key, about]) => [key, tensorOf(key, about)]));
    this.extras = extrasOf(this.metadata[extraKey]);
    this.checkLayout();
  }

  keys(): string[] {
    return [...this.tensors.keys(), ...this.extras.keys()];
  }

  has(key: string): boolean {
    return this.tensors.has(key) || this.extras.has(key);
  }

  shape(key: string): readonly number[] | null {
    if (this.extras.has(key)) return null;
    return this.tensor(key).shape;
  }

  get(key: string): StoredValue {
    const extra = this.extras.get(key);
    if (extra !== undefined) return extra === null ? { kind: "none" } : { kind: "text", text: extra };
    const { dtype, shape, begin, end } = this.tensor(key);
    const type = types.get(dtype);
    if (type === undefined)
      throw new SerializationError(`entry "${key}": its element type ${dtype} has no counterpart`);
    return decodeElements(type, shape, Uint8Array.from(this.body.subarray(begin, end)));
  }

  private tensor(key: string): Tensor {
    const tensor = this.tensors.get(key);
    if (tensor === undefined) throw missing(key, this.keys());
    return tensor;
  }

  private checkLayout(): void {
    let at = 0;
    for (const [key, { begin, end }] of [...this.tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
      if (begin !== at) throw new DamagedFileError(`entry "${key}" does not begin where the one before it ends`);
      at = end;
    }
    if (at !== this.body.length) {
      throw new DamagedFileError(`it holds ${this.body.length} bytes of elements where its header announces ${at}`);
    }
  }
}

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; start: number } {
  if (bytes.length < 8) throw new DamagedFileError("it is no safetensors file, or it is cut off");
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > longestHeader || 8 + length > bytes.length) {
    throw new DamagedFileError("it is no safetensors file, or it is cut off");
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length));
    const header: unknown = text.startsWith("{") ? JSON.parse(text) : null;
    if (isRecord(header)) return { header, start: 8 + length };
  } catch (error) {
    throw new DamagedFileError("its header makes no sense", { cause: error });
  }
  throw new DamagedFileError("its header makes no sense");
}

function tensorOf(key: string, about: unknown): Tensor {
  const fail = (): never => {
    throw new DamagedFileError(`entry "${key}": its header makes no sense`);
  };
  if (!isRecord(about)) return fail();
  const { dtype, shape, data_offsets: offsets } = about;
  if (typeof dtype !== "string" || !isLengths(shape) || !isLengths(offsets) || offsets.length !== 2) return fail();
  const [begin, end] = offsets as [number, number];
  const type = types.get(dtype);
  // Of unknown types the size is unknown, too; they are refused when somebody asks for them.
  const width = type === undefined ? null : Number(type.at(-1));
  if (end < begin || (width !== null && end - begin !== sizeOf(shape) * width)) {
    throw new DamagedFileError(
      `entry "${key}": ${end - begin} bytes cannot be a ${dtype} of shape (${shape.join(", ")})`,
    );
  }
  return { dtype, shape, begin, end };
}

function metadataOf(metadata: unknown): Record<string, string> {
  if (isRecord(metadata) && Object.values(metadata).every((value) => typeof value === "string")) {
    return metadata as Record<string, string>;
  }
  throw new DamagedFileError("its metadata make no sense");
}

function extrasOf(text: string | undefined): ReadonlyMap<string, string | null> {
  if (text === undefined) return new Map();
  try {
    const extras: unknown = JSON.parse(text);
    if (isRecord(extras) && Object.values(extras).every((value) => value === null || typeof value === "string")) {
      return new Map(Object.entries(extras as Record<string, string | null>));
    }
  } catch {
    // Somebody else's, then.
  }
  return new Map();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isLengths(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
}
