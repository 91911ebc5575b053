import { keep, NdArray } from "@chain/array";
import { Parameter, Variable } from "@chain/autograd";
import type { Link } from "./link-core.js";

/**
 * How a link is copied: `"share"`: new links whose parameters share their arrays with the originals'; `"copy"`: arrays
 * are copied; `"init"`: as `"copy"`, with parameters initialized anew.
 */
export type CopyMode = "share" | "copy" | "init";

/** What has been copied already: whatever appears twice in the original appears twice in the copy. */
export type Copied = Map<object, unknown>;

/** A copy of the value of a link's field. Objects that are nobody's child (functions, initializers) are shared. */
export function copyValue(value: unknown, mode: CopyMode, copied: Copied, isLink: (v: object) => v is Link): unknown {
  if (typeof value !== "object" || value === null) return value;
  const known = copied.get(value);
  if (known !== undefined) return known;
  const remember = <T>(copy: T): T => {
    copied.set(value, copy);
    return copy;
  };
  if (isLink(value)) return value.copyInto(mode, copied);
  if (value instanceof Parameter) return remember(copyParameter(value, mode));
  const inner = (item: unknown): unknown => copyValue(item, mode, copied, isLink);
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    remember(items);
    for (const item of value) items.push(inner(item));
    return items;
  }
  if (mode === "share") return value;
  if (value instanceof NdArray) return remember(value.copy());
  if (value instanceof Variable) return remember(new Variable(value.array.copy(), { name: value.name }));
  if (value instanceof Map) return remember(new Map([...value].map(([key, item]) => [key, inner(item)] as const)));
  if (value instanceof Set) return remember(new Set([...value].map(inner)));
  if (Object.getPrototypeOf(value) === Object.prototype) {
    const record: Record<string, unknown> = {};
    remember(record);
    for (const [key, item] of Object.entries(value)) record[key] = inner(item);
    return record;
  }
  return value;
}

/** A parameter of its own, without gradient and update rule. */
function copyParameter(param: Parameter, mode: CopyMode): Parameter {
  const { name, initializer } = param;
  const copy = new Parameter(initializer, { name }).toDevice(param.device);
  if (!param.isInitialized) return copy;
  if (mode === "share") copy.array = param.array;
  else if (mode === "init" && initializer !== null) copy.initialize(param.shape);
  else copy.array = keep(param.array.copy());
  return copy;
}
