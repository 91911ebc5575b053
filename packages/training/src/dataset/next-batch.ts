import type { DatasetIterator } from "../iterators/dataset-iterator.js";
import { concatExamples } from "./concat-examples.js";
import type { ConvertedBatch, Converter, ConvertOptions } from "./converter.js";
import { isGathering } from "./gather.js";

/**
 * Takes the next minibatch of an iterator and converts it. Where data set, iterator and converter allow it, it is
 * gathered at once, without making examples.
 */
export function nextBatch<E>(
  iterator: DatasetIterator<E>,
  converter: Converter<E>,
  options: ConvertOptions,
): ConvertedBatch {
  const { dataset } = iterator;
  if (converter === concatExamples && iterator.nextIndices !== undefined && isGathering(dataset)) {
    return dataset.gather(iterator.nextIndices(), options);
  }
  return converter(iterator.next(), options);
}

/** A minibatch as arguments of a function. */
export function batchArguments(batch: ConvertedBatch): readonly unknown[] {
  return Array.isArray(batch) ? batch : [batch];
}
