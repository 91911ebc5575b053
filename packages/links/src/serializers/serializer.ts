import type { NdArray, TypedArray } from "@chain/array";

/** What can be stored under one key. A typed array is stored as a 1-d array, null as Python's None. */
export type SavedValue = NdArray | TypedArray | number | boolean | string | null;

/** Objects whose state can be saved and loaded. One method does both, so that the two cannot drift apart. */
export interface Serializable {
  /**
   * Passes every entry of the state through `serializer` and keeps what comes back:
   *
   * ```ts
   * serialize(serializer: AbstractSerializer): void {
   *   this.t = serializer.value("t", this.t);
   *   this.link.serialize(serializer.child("link"));
   * }
   * ```
   */
  serialize(serializer: AbstractSerializer): void;
}

/** What {@link Serializable.serialize} is given: something that saves, or something that loads (Chainer's `AbstractSerializer`). */
export abstract class AbstractSerializer {
  /** Whether values come out of it (loading) rather than go in (saving). */
  abstract readonly reading: boolean;

  /**
   * Loading is done in two passes: the first checks that everything asked for is there and fits, and gives back the
   * values it was given; the second gives the stored ones. During the first this is true, and nothing may change.
   */
  abstract readonly checking: boolean;

  /** The serializer for a part of the state, whose keys get `key/` in front. */
  abstract child(key: string): AbstractSerializer;

  /**
   * Saves `value` under `key` and returns it; or returns the value loaded.
   *
   * When loading, `value` says what is expected. An NdArray is written into, and returned; its shape must be that of the
   * stored array. Numbers, booleans and strings come back as such, typed arrays as typed arrays. For null, whatever is
   * stored comes back: a number, boolean or string if it is 0-d, else an NdArray on the default device. A stored None
   * comes back as null whatever `value` is, so `T` has to admit null where null may have been saved.
   */
  abstract value<T extends SavedValue>(key: string, value: T): T;

  /** Whether an entry of this key is stored (loading); true when saving. */
  abstract has(key: string): boolean;
}

/** Base of what saves. */
export abstract class Serializer extends AbstractSerializer {
  override readonly reading = false;
  override readonly checking = false;

  /** Saves an object. */
  save(object: Serializable): void {
    object.serialize(this);
  }

  override has(_key: string): boolean {
    return true;
  }
}

/** Base of what loads. */
export abstract class Deserializer extends AbstractSerializer {
  override readonly reading = true;

  /** Loads an object, or throws before anything of it has changed. */
  abstract load(object: Serializable): void;
}
