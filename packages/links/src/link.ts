/**
 * `Link.repeat`, which makes a Sequential, which is a Link: it is added here so that the class does not depend on its
 * subclass. Code that defines links imports `Link` from this module.
 */
import { ValueError } from "@chain/array";
import type { CopyMode } from "./copy-value.js";
import { Link as LinkClass } from "./link-core.js";
import { Sequential } from "./sequential.js";

declare module "./link-core.js" {
  interface Link {
    /** A Sequential of `n` copies of this link, each initialized anew unless `mode` says otherwise. */
    repeat(n: number, options?: { readonly mode?: CopyMode }): Sequential;
  }
}

function repeat(this: LinkClass, n: number, options: { readonly mode?: CopyMode } = {}): Sequential {
  if (!Number.isInteger(n)) throw new ValueError(`repeat() takes a whole number, got ${n}`);
  const { mode = "init" } = options;
  return new Sequential(...Array.from({ length: Math.max(0, n) }, () => this.copy(mode)));
}

/** The result is used, so that bundlers keep this module. */
function withRepeat(target: typeof LinkClass): typeof LinkClass {
  Object.defineProperty(target.prototype, "repeat", { value: repeat, writable: true, configurable: true });
  return target;
}

export const Link = withRepeat(LinkClass);
export type Link = LinkClass;
export type { LinksOptions, NewParamOptions, ParamsOptions } from "./link-core.js";
