import { free, keep, toDevice, type NdArray } from "@chain/array";
import { Parameter, Variable } from "@chain/autograd";
import type { Link } from "@chain/links";
import type { AbstractSerializer } from "@chain/links/serializers";

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
 * Saves or loads the state of recurrent links, those that have a method `resetState`, which Chainer's snapshots lack:
 * with it, a resumed training goes on in the middle of the text as if it had not been interrupted.
 */
export function serializeRecurrentState(serializer: AbstractSerializer, model: Link): void {
  for (const [path, link] of model.namedLinks()) {
    if (!("resetState" in link)) continue;
    const fields = link as unknown as Record<string, unknown>;
    for (const [name, value] of Object.entries(fields)) {
      const isState = value === null || (value instanceof Variable && !(value instanceof Parameter));
      if (!isState || name === "name") continue;
      const key = `${path}/${name}`;
      if (!serializer.reading) {
        if (value !== null) serializer.value(key, value.array);
        continue;
      }
      const stored = serializer.has(key) ? serializer.value<NdArray | null>(key, null) : null;
      if (!serializer.checking) fields[name] = stored === null ? null : stateOf(stored, model.device);
    }
  }
}

function stateOf(stored: NdArray, device: string | null): Variable {
  return new Variable(keep(device === null ? stored : toDevice(stored, device)));
}
