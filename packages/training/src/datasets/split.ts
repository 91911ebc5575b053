import { ValueError } from "@chain/array";
import type { DatasetLike } from "../dataset/dataset.js";
import { randomOrder } from "../random-state.js";
import { SubDataset, type SubDatasetOptions } from "./sub-dataset.js";

/** Options of random splits. */
export interface RandomSplitOptions {
  /** Makes the split the same every time; without it, the framework's random numbers decide. */
  readonly seed?: number;
}

/** Splits a data set at a position: examples before `splitAt`, and the rest. */
export function splitDataset<E>(
  dataset: DatasetLike<E>,
  splitAt: number,
  options: SubDatasetOptions = {},
): [SubDataset<E>, SubDataset<E>] {
  const { length } = dataset;
  if (!Number.isInteger(splitAt) || splitAt < 0 || splitAt > length) {
    throw new ValueError(`splitAt is a position in the data set of ${length} examples, got ${splitAt}`);
  }
  return [new SubDataset(dataset, 0, splitAt, options), new SubDataset(dataset, splitAt, length, options)];
}

/** Splits a data set into two at random, the first with `firstSize` examples. */
export function splitDatasetRandom<E>(
  dataset: DatasetLike<E>,
  firstSize: number,
  options: RandomSplitOptions = {},
): [SubDataset<E>, SubDataset<E>] {
  return splitDataset(dataset, firstSize, { order: randomOrder(dataset.length, options.seed) });
}

/** Splits a data set into `n` of equal size; up to `n - 1` examples at the end belong to none. */
export function splitDatasetN<E>(dataset: DatasetLike<E>, n: number, options: SubDatasetOptions = {}): SubDataset<E>[] {
  checkCount(n, dataset.length);
  const size = Math.floor(dataset.length / n);
  return Array.from({ length: n }, (_, i) => new SubDataset(dataset, i * size, (i + 1) * size, options));
}

/** Splits a data set at random into `n` of equal size; up to `n - 1` examples belong to none. */
export function splitDatasetNRandom<E>(
  dataset: DatasetLike<E>,
  n: number,
  options: RandomSplitOptions = {},
): SubDataset<E>[] {
  return splitDatasetN(dataset, n, { order: randomOrder(dataset.length, options.seed) });
}

/** A pair of data sets: what to train on, and what to test on. */
export type TrainAndTest<E> = [train: SubDataset<E>, test: SubDataset<E>];

/**
 * Data sets for cross validation: `nFolds` pairs, each of which tests on another part of the data set, the last part
 * first, and trains on the rest. Sizes of the parts differ by one at most.
 */
export function getCrossValidationDatasets<E>(
  dataset: DatasetLike<E>,
  nFolds: number,
  options: SubDatasetOptions = {},
): TrainAndTest<E>[] {
  const { length } = dataset;
  checkCount(nFolds, length);
  const border = (fold: number): number => Math.floor((length * fold) / nFolds);
  const order = options.order ?? Int32Array.from({ length }, (_, i) => i);
  return Array.from({ length: nFolds }, (_, i): TrainAndTest<E> => {
    const finish = border(nFolds - i);
    const size = finish - border(nFolds - i - 1);
    // Turned so that the part to test on comes last.
    const turned = Int32Array.from({ length }, (__, position) => order[(finish + position) % length] as number);
    return splitDataset(dataset, length - size, { order: turned });
  });
}

/** {@link getCrossValidationDatasets} of the data set in random order. */
export function getCrossValidationDatasetsRandom<E>(
  dataset: DatasetLike<E>,
  nFolds: number,
  options: RandomSplitOptions = {},
): TrainAndTest<E>[] {
  return getCrossValidationDatasets(dataset, nFolds, { order: randomOrder(dataset.length, options.seed) });
}

function checkCount(n: number, length: number): void {
  if (!Number.isInteger(n) || n < 1 || n > length) {
    throw new ValueError(`a data set of ${length} examples can be split into 1 to ${length} parts, got ${n}`);
  }
}
