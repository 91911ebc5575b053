import { ValueError } from "@chain/array";
import type { Link } from "./link-core.js";

/** What a {@link LinkHook} is told of a link about to run. */
export interface LinkForwardArgs {
  readonly link: Link;
  /** Name of the method that runs: `forward`. */
  readonly forwardName: string;
  readonly args: readonly unknown[];
}

/** What a {@link LinkHook} is told of a link that has run. */
export interface LinkForwardResult extends LinkForwardArgs {
  readonly out: unknown;
}

/**
 * Something that is told of every run of links (Chainer's `LinkHook`). Override what is of interest, then turn it on for
 * a stretch of code or add it to one link with `link.addHook(hook)`:
 *
 * ```ts
 * const timer = new TimerHook();
 * timer.withHook(() => model.forward(x));
 * ```
 *
 * Hooks cost nothing while none is on. A link that runs its parent class's forward (`super.forward(x)`) is seen once.
 */
export abstract class LinkHook {
  /** Hooks that are on together, or on one link, have different names. */
  readonly name: string = this.constructor.name;

  /** Called when the hook is turned on (null), or added to a link. */
  added(_link: Link | null): void {}
  /** Called when the hook is turned off (null), or removed from a link. */
  deleted(_link: Link | null): void {}
  forwardPreprocess(_args: LinkForwardArgs): void {}
  forwardPostprocess(_args: LinkForwardResult): void {}
  /** Called instead of {@link forwardPostprocess} when the link throws. */
  forwardFailed(_args: LinkForwardArgs): void {}

  /** Turns the hook on for every link, until {@link disable}. */
  enable(): this {
    if (active.some((hook) => hook.name === this.name)) {
      throw new ValueError(`a link hook named "${this.name}" is on already`);
    }
    this.added(null);
    active.push(this);
    if (active.length === 1) for (const prototype of prototypes) watchPrototype(prototype);
    return this;
  }

  /** Turns the hook off. */
  disable(): void {
    const at = active.indexOf(this);
    if (at < 0) return;
    active.splice(at, 1);
    if (active.length === 0) for (const prototype of prototypes) unwatch(prototype);
    this.deleted(null);
  }

  /** Runs `body` with the hook on; if it returns a promise, until that settles. */
  withHook<T>(body: () => T): T {
    this.enable();
    let result: T;
    try {
      result = body();
    } catch (error) {
      this.disable();
      throw error;
    }
    if (result instanceof Promise) return result.finally(() => this.disable()) as T;
    this.disable();
    return result;
  }

  [Symbol.dispose](): void {
    this.disable();
  }
}

type Forward = (this: Link, ...args: unknown[]) => unknown;

const active: LinkHook[] = [];

/*
 * How hooks see every run. Calling `link.forward(x)` is an ordinary method call; as long as no hook is on, nothing lies
 * in between. Every class of links is noted here when its first instance is made. Turning a hook on replaces the
 * `forward` of their prototypes by one that tells hooks; turning the last one off puts the methods back. A hook on one
 * link does the same to that object alone.
 */
const classes = new WeakSet<object>();
const prototypes = new Set<object>();
const originals = new WeakMap<Forward, Forward>();

/** Notes a class of links. Link's constructor calls it. */
export function noteClass(type: { readonly prototype: object }): void {
  if (classes.has(type)) return;
  classes.add(type);
  for (let at = type.prototype; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    if (prototypes.has(at) || !Object.hasOwn(at, "forward")) continue;
    prototypes.add(at);
    if (active.length > 0) watchPrototype(at);
  }
}

/** Makes an object's own hooks be told of its runs. */
export function watchLink(link: Link): void {
  install(link, Reflect.get(link, "forward"));
}

/** Undoes {@link watchLink}. */
export function unwatchLink(link: Link): void {
  unwatch(link);
}

/** Whether a method is one of those that tell hooks. */
export function isWatched(forward: unknown): boolean {
  return typeof forward === "function" && originals.has(forward as Forward);
}

function watchPrototype(prototype: object): void {
  const { value } = Object.getOwnPropertyDescriptor(prototype, "forward") as { value: Forward };
  install(prototype, value);
}

function install(target: object, original: Forward): void {
  if (originals.has(original) && Object.hasOwn(target, "forward")) return;
  const watched: Forward = function (this: Link, ...args: unknown[]): unknown {
    // Not what a call of `link.forward` finds: it was reached through `super`, or through a link's own one.
    if (this.forward !== watched) return original.apply(this, args);
    return runWithHooks(this, original, args);
  };
  originals.set(watched, original);
  const enumerable = Object.getOwnPropertyDescriptor(target, "forward")?.enumerable ?? false;
  Object.defineProperty(target, "forward", { value: watched, configurable: true, writable: true, enumerable });
}

function unwatch(target: object): void {
  const own = Object.getOwnPropertyDescriptor(target, "forward");
  const original = own === undefined ? undefined : originals.get(own.value as Forward);
  if (own === undefined || original === undefined) return;
  const inherited = (Object.getPrototypeOf(target) as { forward?: Forward }).forward;
  // A link's own one stood in front of its class's method; everything else is put back where it was.
  if (inherited !== undefined && unwrapped(inherited) === unwrapped(original)) {
    delete (target as { forward?: unknown }).forward;
  } else {
    Object.defineProperty(target, "forward", { ...own, value: original });
  }
}

function unwrapped(forward: Forward): Forward {
  const original = originals.get(forward);
  return original === undefined ? forward : unwrapped(original);
}

function runWithHooks(link: Link, original: Forward, args: unknown[]): unknown {
  const hooks = [...active, ...link.localLinkHooks];
  const about: LinkForwardArgs = { link, forwardName: "forward", args };
  for (const hook of hooks) hook.forwardPreprocess(about);
  let out: unknown;
  try {
    out = original.apply(link, args);
  } catch (error) {
    for (const hook of hooks) hook.forwardFailed(about);
    throw error;
  }
  for (const hook of hooks) hook.forwardPostprocess({ ...about, out });
  return out;
}
