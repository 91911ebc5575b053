import { NdArray, stack } from "@chain/array";
import { StopIteration, type DatasetIterator } from "../iterators/dataset-iterator.js";
import type { ConvertedBatch, Converter, ConvertOptions } from "./converter.js";
import { nextBatch } from "./next-batch.js";

/**
 * Takes the next `steps` minibatches of an iterator and stacks them along a new first axis; fewer if the iterator comes
 * to its end.
 *
 * @returns the stacked minibatches, and how many they are
 * @throws StopIteration if there is none at all
 */
export function nextWindow<E>(
  iterator: DatasetIterator<E>,
  converter: Converter<E>,
  options: ConvertOptions,
  steps: number,
): [window: ConvertedBatch, steps: number] {
  const batches = [nextBatch(iterator, converter, options)];
  try {
    while (batches.length < steps) batches.push(nextBatch(iterator, converter, options));
  } catch (error) {
    if (!(error instanceof StopIteration)) throw error;
  }
  return [stackBatches(batches), batches.length];
}

function stackBatches(batches: readonly ConvertedBatch[]): ConvertedBatch {
  const [first] = batches;
  if (first instanceof NdArray) return stack(batches as readonly NdArray[]);
  if (Array.isArray(first)) {
    return first.map((_, i) => stack(batches.map((batch) => (batch as readonly NdArray[])[i] as NdArray)));
  }
  const named = batches as readonly Readonly<Record<string, NdArray>>[];
  return Object.fromEntries(
    Object.keys(first ?? {}).map((key) => [key, stack(named.map((batch) => batch[key] as NdArray))]),
  );
}
