import { Serializer, type SavedValue } from "./serializer.js";

/**
 * Collects what is saved in a flat dictionary, with Chainer's keys: `predictor/l1/W`. Arrays are held, not copied
 * (Chainer's `DictionarySerializer`).
 */
export class DictionarySerializer extends Serializer {
  /** Where entries go. */
  readonly target: Map<string, SavedValue>;
  /** Put in front of every key. */
  readonly path: string;

  constructor(options: { readonly target?: Map<string, SavedValue>; readonly path?: string } = {}) {
    super();
    this.target = options.target ?? new Map<string, SavedValue>();
    this.path = options.path ?? "";
  }

  override child(key: string): DictionarySerializer {
    return new DictionarySerializer({ target: this.target, path: childPath(this.path, key) });
  }

  override value<T extends SavedValue>(key: string, value: T): T {
    this.target.set(entryKey(this.path, key), value);
    return value;
  }
}

/** The path of a child: `path` + `key` without slashes around it + `/`. */
export function childPath(path: string, key: string): string {
  return `${path}${key.replace(/^\/+|\/+$/g, "")}/`;
}

/** The full key of an entry. */
export function entryKey(path: string, key: string): string {
  return path + key.replace(/^\/+/, "");
}
