import { copy, free, keep, type NdArray } from "@chain/array";
import { Variable } from "@chain/autograd";

/** A value that can be observed: a number, or a 0-d array or Variable, which stays on its device until it is read. */
export type Observed = number | NdArray | Variable;

/** Observed values by name: `main/loss`, `validation/main/accuracy`. */
export type Observation = Record<string, Observed>;

/** The array of an observed value, or the number. */
export function observedData(value: Observed): NdArray | number {
  return value instanceof Variable ? value.array : value;
}

/** Reads an observed value; waits for the device. */
export function readObserved(value: Observed): Promise<number> {
  const data = observedData(value);
  return typeof data === "number" ? Promise.resolve(data) : data.item();
}

/** Reads all observed values; waits for the device. */
export async function readObservation(observation: Observation): Promise<Record<string, number>> {
  const entries = Object.entries(observation).map(async ([name, value]) => [name, await readObserved(value)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * Frees the device memory of an observation's values and empties it. Reported values outlive the scope that they were
 * made in, so whoever owns an observation releases it when it has been summed up or read.
 */
export function releaseObservation(observation: Observation): void {
  for (const [name, value] of Object.entries(observation)) {
    free(observedData(value));
    delete observation[name];
  }
}

/**
 * The value as it is kept in an observation: a copy, since an observation frees what it holds, and what is reported may
 * be somebody's state. It outlives scopes, and comes without its graph unless `keepGraph`.
 */
export function observedValue(value: Observed, keepGraph: boolean): Observed {
  if (typeof value === "number") return value;
  if (keepGraph && value instanceof Variable) return new Variable(keep(copy(value.array)), {}, value.node);
  return keep(copy(value instanceof Variable ? value.array : value));
}
