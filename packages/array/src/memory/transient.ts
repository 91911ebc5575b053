import type { NdArray } from "../ndarray.js";
import { enterScope, leaveScope, release, type Scope } from "./scope.js";
import { freeStorage, type Storage } from "./storage.js";

/**
 * A scope that frees its arrays early, for computations that know which of their arrays are still needed: those that
 * have been pinned. Arrays that were made before it was opened, or that are kept, are never freed by it.
 *
 * Pins count per storage, so that views of one array protect each other.
 */
export class TransientScope {
  private readonly inner: Scope;
  /** How many of the scope's storages have been swept already. */
  private swept = 0;

  /** Opens the scope; every call is paired with {@link close}. */
  constructor() {
    this.inner = enterScope();
  }

  /** Protects an array from {@link sweep}. */
  pin(array: NdArray): void {
    array.storage.pins++;
  }

  /** Takes one protection back; if it was the last, an array of this scope is freed at once. */
  unpin(array: NdArray): void {
    const { storage } = array;
    if (--storage.pins === 0 && storage.scope === this.inner) freeStorage(storage);
  }

  /** Whether an array was made in this scope, is all of its storage, and is pinned by nobody but the caller. */
  isExclusive(array: NdArray): boolean {
    const { storage } = array;
    return array.base === null && storage.scope === this.inner && storage.pins <= 1;
  }

  /** Whether an array was made in this scope and will be freed with it. */
  owns(array: NdArray): boolean {
    return array.storage.scope === this.inner;
  }

  /** Frees what was made since the last sweep and is not pinned. */
  sweep(): void {
    const { storages } = this.inner;
    if (storages.length === this.swept) return;
    let kept = this.swept;
    for (let i = this.swept; i < storages.length; i++) {
      const storage = storages[i] as Storage;
      if (storage.scope !== this.inner) continue;
      if (storage.pins === 0) freeStorage(storage);
      else storages[kept++] = storage;
    }
    storages.length = kept;
    this.swept = kept;
  }

  /** Hands an array over to the scope around this one. */
  release(array: NdArray): void {
    release(array, this.inner);
  }

  /** Ends the scope: arrays that were not released are freed. */
  close(): void {
    leaveScope(this.inner);
    for (const storage of this.inner.storages) if (storage.scope === this.inner) freeStorage(storage);
  }
}
