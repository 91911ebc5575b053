import { ChainError } from "../errors.js";
import type { NdArray } from "../ndarray.js";
import { freeStorage, type Storage } from "./storage.js";

/**
 * Arrays made while a scope is open belong to it and are freed when it ends, except those that were kept or are
 * returned from it. Scopes nest.
 */
export class Scope {
  /** Storages made in this scope; some may have been kept or freed since. */
  readonly storages: Storage[] = [];
  /** Whether its end is still to come. */
  open = true;

  constructor(readonly parent: Scope | null) {}
}

let current: Scope | null = null;

// The safety net for arrays outside scopes: it runs only when the event loop turns, so it is no one's first choice.
const registry = new FinalizationRegistry<Storage>(freeStorage);

/** The innermost open scope, and so the lifetime of what is made now. */
export function currentScope(): Lifetime {
  return current;
}

/** Opens a scope around what comes next; every call is paired with a {@link leaveScope}. */
export function enterScope(): Scope {
  current = new Scope(current);
  return current;
}

/** Makes the scope around `inner` current again. What becomes of the arrays in it is up to the caller. */
export function leaveScope(inner: Scope): void {
  inner.open = false;
  current = inner.parent;
}

/** Hands a new array's storage to the open scope or, outside one, to the garbage collector. */
export function adopt(array: NdArray, storage: Storage): void {
  if (current === null) {
    registry.register(array, storage);
  } else {
    storage.scope = current;
    current.storages.push(storage);
  }
}

/**
 * Runs `body` and frees every array made in it, except those that were {@link keep | kept} and those that it returns
 * (an array, or arrays anywhere in arrays and plain objects; anything with a `collectArrays` method, such as a
 * Variable, hands over its own).
 *
 * `body` must be synchronous: what it returned after an `await` would run outside the scope.
 */
export function scope<T>(body: () => T): T {
  const inner = enterScope();
  let result: T;
  try {
    result = body();
    if (result instanceof Promise) {
      throw new ChainError("scope() takes a synchronous function; await outside of it");
    }
    for (const array of arraysIn(result)) release(array, inner);
  } finally {
    leaveScope(inner);
    for (const storage of inner.storages) if (storage.scope === inner) freeStorage(storage);
  }
  return result;
}

/** Makes an array outlive every open scope; from now on the garbage collector, or `dispose`, frees it. */
export function keep<T>(value: T): T {
  for (const array of arraysIn(value)) setLifetime(array, null);
  return value;
}

/**
 * Frees arrays now, whether they were kept or belong to a scope, and with them all views of them. Where `dispose` gives
 * up one array, this is for whoever knows that nobody needs the memory any more.
 */
export function free(value: unknown): void {
  for (const array of arraysIn(value)) freeStorage(array.storage);
}

/** Up to here a copy on the host costs less than the memory of the array that it replaces. */
const smallBytes = 64;

/**
 * As {@link free}, but small arrays can still be read (not computed with) where the device gives up their elements at once:
 * for results that somebody may be collecting, a loss a step, say.
 */
export function retire(value: unknown): void {
  for (const { storage } of arraysIn(value)) {
    const { backend, buffer, bytes } = storage;
    if (!storage.freed && bytes <= smallBytes) storage.remains = backend.readSync?.(buffer, 0, bytes) ?? null;
    freeStorage(storage);
  }
}

/** Moves an array out of a scope that is ending, into the one around it. */
export function release(array: NdArray, from: Scope): void {
  if (array.storage.scope === from) setLifetime(array, from.parent);
}

/** How long an array lives: until a scope ends, or (null) as long as somebody holds it. */
export type Lifetime = Scope | null;

/** Gives an array another lifetime: that of what it belongs to, say. A scope that has ended stands for those around it. */
export function setLifetime(array: NdArray, wanted: Lifetime): void {
  const { storage } = array;
  let lifetime = wanted;
  while (lifetime !== null && !lifetime.open) lifetime = lifetime.parent;
  if (storage.freed || storage.scope === lifetime) return;
  storage.scope = lifetime;
  if (lifetime === null) registry.register(array.base ?? array, storage);
  else lifetime.storages.push(storage);
}

/**
 * Hands over an array that outlived its scope and is not wanted any more: it is freed when the open scope ends. Outside
 * of scopes, and while there are views of it, it is left to the garbage collector.
 */
export function discard(array: NdArray): void {
  if (current !== null && array.storage.scope === null && array.storage.references === 1) setLifetime(array, current);
}

/** Objects that hold arrays and want them to outlive a scope along with them; an NdArray holds itself. */
export interface ArrayHolder {
  collectArrays(): Iterable<NdArray>;
}

function* arraysIn(value: unknown): Generator<NdArray> {
  if (Array.isArray(value)) {
    for (const item of value) yield* arraysIn(item);
  } else if (typeof value === "object" && value !== null) {
    if (isHolder(value)) yield* value.collectArrays();
    else if (Object.getPrototypeOf(value) === Object.prototype) {
      for (const item of Object.values(value)) yield* arraysIn(item);
    }
  }
}

function isHolder(value: object): value is ArrayHolder {
  return "collectArrays" in value && typeof value.collectArrays === "function";
}
