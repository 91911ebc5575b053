import { Generator, random } from "@chain/array";
import type { AbstractSerializer } from "@chain/links/serializers";

/** Saves or loads where a stream of random numbers is; snapshots of Chainer's do not say. */
export function serializeGenerator(serializer: AbstractSerializer, generator: Generator): void {
  const { seed, counter } = generator.state;
  if (!serializer.has("seed")) return;
  const state = { seed: serializer.value("seed", seed), counter: serializer.value("counter", counter) };
  if (!serializer.checking) generator.state = state;
}

/** The same for the framework's own random numbers. */
export function serializeRandomState(serializer: AbstractSerializer): void {
  serializeGenerator(serializer, random.defaultGenerator());
}

/** The numbers 0 to n - 1 in random order; with a seed, always the same. */
export function randomOrder(n: number, seed?: number): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  (seed === undefined ? random.defaultGenerator() : new Generator(seed)).shuffle(order);
  return order;
}
