import { ValueError } from "@chain/array";

/** One thing, which is called `main`, or several with names. */
export type NamedOrMain<T> = T | Readonly<Record<string, T>>;

/** All of them by name. */
export function byName<T extends object>(
  given: NamedOrMain<T>,
  isOne: (value: NamedOrMain<T>) => value is T,
): ReadonlyMap<string, T> {
  return isOne(given) ? new Map([["main", given]]) : new Map(Object.entries(given));
}

/** The one of a name. */
export function lookUp<T>(all: ReadonlyMap<string, T>, name: string, kind: string): T {
  const found = all.get(name);
  if (found === undefined)
    throw new ValueError(`there is no ${kind} "${name}"; there are: ${[...all.keys()].join(", ")}`);
  return found;
}
