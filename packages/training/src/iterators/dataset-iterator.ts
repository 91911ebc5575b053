import { ChainError } from "@chain/array";
import type { AbstractSerializer } from "@chain/links/serializers";
import type { DatasetLike } from "../dataset/dataset.js";

/** Thrown by `next()` when an iterator that does not repeat has come to the end of its data set. */
export class StopIteration extends ChainError {
  override readonly name = "StopIteration";
}

/** Goes over a data set in minibatches (Chainer's `dataset.Iterator`). */
export abstract class DatasetIterator<E> implements Iterable<readonly E[]> {
  abstract readonly dataset: DatasetLike<E>;
  abstract readonly batchSize: number;
  /** Whether it starts over at the end of the data set. */
  abstract readonly repeat: boolean;
  /** Number of completed sweeps over the data set. */
  abstract readonly epoch: number;
  /** Whether the latest minibatch completed a sweep. */
  abstract readonly isNewEpoch: boolean;
  /** Completed sweeps with the fraction of the current one. */
  abstract readonly epochDetail: number;
  /** {@link epochDetail} before the latest minibatch; null before the first. */
  abstract readonly previousEpochDetail: number | null;

  /**
   * The next minibatch.
   *
   * @throws StopIteration at the end, if it does not repeat.
   */
  abstract next(): readonly E[];

  /** Back to the start. */
  abstract reset(): void;

  /** Where the examples of the next minibatch are in the data set: takes the step of {@link next} without loading them. */
  nextIndices?(): Int32Array;

  /** An iterator at the start that makes a single sweep: itself if it does not repeat, otherwise another one. */
  abstract sweep(): DatasetIterator<E>;

  /** Gives up what it holds: workers, files. */
  finalize(): void {}

  /** Saves or loads where it is. */
  serialize(_serializer: AbstractSerializer): void {}

  *[Symbol.iterator](): Generator<readonly E[]> {
    for (;;) {
      let batch: readonly E[];
      try {
        batch = this.next();
      } catch (error) {
        if (error instanceof StopIteration) return;
        throw error;
      }
      yield batch;
    }
  }
}
