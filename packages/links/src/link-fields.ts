/** What a link finds by looking at its own fields: those that are enumerable properties of the object itself. */
import { keep, NdArray } from "@chain/array";
import { Parameter, Variable } from "@chain/autograd";

/** An object's fields by name, for reading and writing. */
export function fieldsOf(link: object): Record<string, unknown> {
  return link as Record<string, unknown>;
}

/**
 * Fields that hold a T, or items of lists in fields (`layers/0`), sorted by the fields' names. What is found learns the
 * name that it is found under, unless it has one.
 */
export function fieldsHolding<T extends { name: string | null }>(
  link: object,
  is: (value: unknown) => value is T,
): [name: string, value: T][] {
  const fields = fieldsOf(link);
  const found: [string, T][] = [];
  // Every update walks all links, so what holds nothing must cost little: only names of what is found are sorted.
  const keys: string[] = [];
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    if (typeof value === "object" && value !== null && (is(value) || Array.isArray(value))) keys.push(key);
  }
  if (keys.length > 1) keys.sort();
  for (const key of keys) {
    const value = fields[key];
    if (is(value)) {
      value.name ??= key;
      found.push([key, value]);
    } else if (Array.isArray(value) && typeof value[0] !== "number") {
      value.forEach((item, i) => {
        if (!is(item)) return;
        item.name ??= String(i);
        found.push([`${key}/${i}`, item]);
      });
    }
  }
  return found;
}

/** Adds the arrays and Variables in fields, or in lists in fields, whose memory has not been freed. */
export function collectHolders(link: object, found: (NdArray | Variable)[]): void {
  const fields = fieldsOf(link);
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    if (typeof value !== "object" || value === null) continue;
    if (Array.isArray(value)) for (const item of value) collectHolder(item, found);
    else collectHolder(value, found);
  }
}

function collectHolder(value: unknown, found: (NdArray | Variable)[]): void {
  if (value instanceof Variable) {
    if (isAlive(value)) found.push(value);
  } else if (value instanceof NdArray && !value.storage.freed) found.push(value);
}

/** Puts what `move` gives in the place of every array in fields; `device` is where that is. */
export function moveArrays(link: object, move: (array: NdArray) => NdArray, device: string): void {
  const moved = (value: unknown): unknown => {
    if (value instanceof NdArray) return value.storage.freed ? value : keep(move(value));
    if (value instanceof Variable && isAlive(value)) moveVariable(value, move, device);
    return value;
  };
  const fields = fieldsOf(link);
  for (const [name, value] of Object.entries(fields)) {
    if (Array.isArray(value)) value.forEach((item, i) => void (value[i] = moved(item)));
    else if (value instanceof NdArray) fields[name] = moved(value);
    else moved(value);
  }
}

function moveVariable(variable: Variable, move: (array: NdArray) => NdArray, device: string): void {
  const { grad } = variable;
  if (variable.isInitialized) variable.array = keep(move(variable.array));
  if (grad !== null) variable.grad = keep(move(grad));
  // It moves nothing any more, but tells a parameter where it will be made.
  if (variable instanceof Parameter) variable.toDevice(device);
}

/** Whether a variable has no array yet, or one that has not been freed. */
function isAlive(variable: Variable): boolean {
  return !variable.isInitialized || !variable.array.storage.freed;
}
