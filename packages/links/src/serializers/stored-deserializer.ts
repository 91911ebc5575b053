import { array, copyto, isFloating, NdArray, scope, type DType, type TypedArray } from "@chain/array";
import { childPath, entryKey } from "./dictionary-serializer.js";
import { SerializationError } from "./serialization-error.js";
import { Deserializer, type SavedValue, type Serializable } from "./serializer.js";
import { asArray, type StoredArray, type StoredValue, type StoredValues } from "./stored-value.js";

/** Which entries are left as they are: a full key, or a test of it. */
export type IgnoredName = string | ((key: string) => boolean);

/** How a file is loaded. */
export interface LoadOptions {
  /** Put in front of every key, to load a part of what was saved: `"updater/model:main/"`. */
  readonly path?: string;
  /** Whether a missing entry is an error (the default), or leaves the value as it is. */
  readonly strict?: boolean;
  /** The key in the file of an entry that is asked for: for files with other names, of another framework. */
  readonly rename?: (key: string) => string;
  /** Entries to leave as they are, by the names that they have here. */
  readonly ignoreNames?: IgnoredName | readonly IgnoredName[];
}

/** Loads objects from what a file holds, in whatever format. */
export class StoredDeserializer extends Deserializer {
  readonly path: string;
  readonly strict: boolean;
  readonly rename: (key: string) => string;
  readonly ignoreNames: readonly IgnoredName[];
  private pass: "check" | "load" = "load";

  constructor(
    readonly stored: StoredValues,
    options: LoadOptions = {},
  ) {
    super();
    this.path = options.path ?? "";
    this.strict = options.strict ?? true;
    this.rename = options.rename ?? ((key) => key);
    this.ignoreNames = [options.ignoreNames ?? []].flat();
  }

  override get checking(): boolean {
    return this.pass === "check";
  }

  override load(object: Serializable): void {
    object.serialize(this.withPass("check", this.path));
    object.serialize(this.withPass("load", this.path));
  }

  override child(key: string): StoredDeserializer {
    return this.withPass(this.pass, childPath(this.path, key));
  }

  override has(key: string): boolean {
    const full = entryKey(this.path, key);
    return this.stored.has(this.rename(full)) && !this.ignores(full);
  }

  override value<T extends SavedValue>(key: string, value: T): T {
    const named = entryKey(this.path, key);
    const full = this.rename(named);
    if (this.ignores(named) || (!this.strict && !this.stored.has(full))) return value;
    try {
      // `T` is what the caller expects; that what is stored is of that kind is checked here.
      return (value instanceof NdArray ? this.intoArray(full, value) : this.convert(full, value)) as T;
    } catch (error) {
      if (!(error instanceof SerializationError)) throw error;
      throw error.message.startsWith("there is no") ? error : error.within(`"${full}": `);
    }
  }

  private withPass(pass: "check" | "load", path: string): StoredDeserializer {
    const { strict, rename, ignoreNames } = this;
    const other = new StoredDeserializer(this.stored, { path, strict, rename, ignoreNames });
    other.pass = pass;
    return other;
  }

  private ignores(key: string): boolean {
    return this.ignoreNames.some((name) => (typeof name === "string" ? name === key : name(key)));
  }

  /** Writes the stored array into `target`; a stored None gives null. */
  private intoArray(key: string, target: NdArray): NdArray | null {
    const shape = this.stored.shape(key);
    if (shape !== null && (shape.length !== target.ndim || shape.some((length, i) => length !== target.shape[i]))) {
      throw new SerializationError(
        `the stored array has shape (${shape.join(", ")}), the object's has (${target.shape.join(", ")})`,
      );
    }
    const stored = this.stored.get(key);
    if (stored.kind === "none") return this.checking ? target : null;
    if (stored.kind === "text") throw new SerializationError("a text is stored where an array is expected");
    const source = asArray(stored);
    if (!castable(source.dtype, target.dtype)) {
      throw new SerializationError(`the stored array is ${source.dtype}, which does not convert to ${target.dtype}`);
    }
    checkRange(source, target.dtype);
    if (!this.checking && target.size > 0) scope(() => copyto(target, deviceArray(source, target.device)));
    return target;
  }

  /** What is stored, of the kind that `value` has. */
  private convert(key: string, value: Exclude<SavedValue, NdArray>): SavedValue {
    const stored = this.stored.get(key);
    if (stored.kind === "none") return this.checking ? value : null;
    if (value === null) return this.checking ? null : anything(stored);
    if (typeof value === "object") {
      const typed = typedArray(stored, value);
      return this.checking ? value : typed;
    }
    const scalar = scalarOf(stored);
    const wanted = typeof value;
    const given = typeof scalar;
    const fits = wanted === given || (wanted === "number" && given === "boolean");
    if (!fits) throw new SerializationError(`a ${given} is stored where a ${wanted} is expected`);
    if (this.checking) return value;
    return wanted === "number" ? Number(scalar) : scalar;
  }
}

/** As NumPy's casting "same_kind": towards floats, and among floats, among integers. */
function castable(from: DType, to: DType): boolean {
  if (from === to || isFloating(to) || from === "bool") return true;
  return to !== "bool" && !isFloating(from);
}

/** Throws if integers do not fit into a narrower dtype. */
function checkRange({ dtype, data }: StoredArray, to: DType): void {
  if (isFloating(to) || dtype === to || dtype === "bool") return;
  const [lowest, highest] = to === "uint8" ? [0, 255] : to === "uint32" ? [0, 2 ** 32 - 1] : [-(2 ** 31), 2 ** 31 - 1];
  const outside = data.find((value) => value < lowest || value > highest);
  if (outside !== undefined) throw new SerializationError(`it holds ${outside}, which does not fit into ${to}`);
}

function deviceArray({ dtype, shape, data }: StoredArray, device?: string): NdArray {
  return array(data, { dtype, ...(device === undefined ? {} : { device }) }).reshape(shape);
}

/** A number, boolean, string or array, as it is stored. */
function anything(stored: Exclude<StoredValue, { kind: "none" }>): SavedValue {
  return stored.kind === "text" || stored.shape.length === 0 ? scalarOf(stored) : deviceArray(asArray(stored));
}

function scalarOf(stored: Exclude<StoredValue, { kind: "none" }>): number | boolean | string {
  if (stored.kind === "text") return stored.text;
  if (stored.data.length !== 1) {
    throw new SerializationError(
      `an array of shape (${stored.shape.join(", ")}) is stored where one value is expected`,
    );
  }
  const number = Number(stored.data[0]);
  if (stored.kind === "int64" && !Number.isSafeInteger(number)) {
    throw new SerializationError(`${stored.data[0]} is stored, which a JavaScript number does not hold exactly`);
  }
  return stored.kind === "array" && stored.dtype === "bool" ? number !== 0 : number;
}

/** A typed array of the kind of `like`. */
function typedArray(stored: Exclude<StoredValue, { kind: "none" }>, like: TypedArray): TypedArray {
  if (stored.kind === "text") throw new SerializationError("a text is stored where an array is expected");
  const { data } = asArray(stored);
  const result = (like.constructor as unknown as { from(values: ArrayLike<number>): TypedArray }).from(data);
  for (let i = 0; i < data.length; i++) {
    const [was, is] = [data[i] as number, result[i] as number];
    if (was !== is && Number.isInteger(was) !== Number.isInteger(is)) {
      throw new SerializationError(`it holds ${was}, which does not convert to ${like.constructor.name}`);
    }
  }
  return result;
}
