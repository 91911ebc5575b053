import { free, keep, NdArray, toDevice } from "@chain/array";
import { Parameter, Variable } from "@chain/autograd";
import type { Link } from "@chain/links";
import type { AbstractSerializer, SavedValue } from "@chain/links/serializers";

/**
 * Lets the state of recurrent links, Variables in their fields, live on from one scope to the next: what a step has left
 * there outlives the step's scope, and is freed when a later step has replaced it.
 */
export class CarriedState {
  private arrays: NdArray[] = [];

  /** Called at the end of a step, inside its scope. */
  carry(links: Iterable<Link>): void {
    const held = new Set<unknown>();
    const kept = new Set(this.arrays);
    for (const link of links) {
      for (const array of link.heldVariables().flatMap((variable) => [...variable.collectArrays()])) {
        held.add(array.storage);
        if (array.storage.scope !== null) kept.add(keep(array));
      }
    }
    this.arrays = [];
    for (const array of kept) {
      if (held.has(array.storage)) this.arrays.push(array);
      else free(array);
    }
  }
}

/**
 * Saves or loads the state of recurrent links: the Variables in their fields that their method `resetState` replaces.
 * Chainer's snapshots lack it; with it, a resumed training goes on in the middle of a text as if it had not been
 * interrupted.
 */
export function serializeRecurrentState(serializer: AbstractSerializer, model: Link): void {
  if (serializer.reading) loadState(serializer, model);
  else saveState(serializer, model);
}

function saveState(serializer: AbstractSerializer, model: Link): void {
  // A copy forgets its state, and not the parameters' arrays, which it has in common with the model.
  const forgetful = new Map(model.copy().namedLinks());
  for (const link of forgetful.values()) if (isRecurrent(link)) link.resetState();
  for (const [path, link] of model.namedLinks()) {
    if (!isRecurrent(link)) continue;
    const without = fieldsOf(forgetful.get(path) ?? link);
    for (const [name, value] of Object.entries(fieldsOf(link))) {
      const isState = value instanceof Variable && !(value instanceof Parameter) && without[name] !== value;
      if (isState && value.isInitialized) serializer.value(`${path}/${name}`, value.array);
    }
  }
}

function loadState(serializer: AbstractSerializer, model: Link): void {
  for (const [path, link] of model.namedLinks()) {
    if (!isRecurrent(link)) continue;
    if (!serializer.checking) link.resetState();
    const fields = fieldsOf(link);
    for (const [name, value] of Object.entries(fields)) {
      const key = `${path}/${name}`;
      if (value !== null || !serializer.has(key)) continue;
      const stored = serializer.value<SavedValue>(key, null);
      if (stored instanceof NdArray) fields[name] = new Variable(keep(onDevice(stored, model.device)));
    }
  }
}

function isRecurrent(link: Link): link is Link & { resetState(): void } {
  return "resetState" in link && typeof link.resetState === "function";
}

function fieldsOf(link: Link): Record<string, unknown> {
  return link as unknown as Record<string, unknown>;
}

function onDevice(array: NdArray, device: string | null): NdArray {
  return device === null ? array : toDevice(array, device);
}
