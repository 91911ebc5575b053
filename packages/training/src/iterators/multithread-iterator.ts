import { random, ValueError } from "@chain/array";
import type { AbstractSerializer } from "@chain/links/serializers";
import { serializeOptional } from "../serialize-optional.js";
import type { DatasetRecipe } from "./dataset-module.js";
import { PrefetchQueue } from "./prefetch-queue.js";
import { SerialIterator, type SerialIteratorOptions } from "./serial-iterator.js";
import { ExampleLoader } from "./threads/example-loader.js";
import { WorkerDataset } from "./worker-dataset.js";

/** Options of {@link MultithreadIterator.open}. */
export interface MultithreadIteratorOptions extends SerialIteratorOptions {
  /** Number of threads that load examples. Default: 1. */
  readonly nThreads?: number;
  /** Number of minibatches that are loaded before they are asked for. Default: 1. */
  readonly nPrefetch?: number;
  /** Seconds that an example may take to be loaded; null for any time. Default: 30. */
  readonly datasetTimeout?: number | null;
  /**
   * What random numbers of the data set follow from: a whole number from 0 to 2^53 - 1. Default: the seed of the
   * framework's generator when the iterator is opened.
   */
  readonly seed?: number;
}

/**
 * Loads minibatches in threads, while the training goes on: the iterator for data sets whose examples take time to load
 * (Chainer's `MultiprocessIterator` and `MultithreadIterator`). It takes worker threads of Node.
 *
 * A data set cannot be sent to a thread. So each thread makes its own, with a function of a module:
 *
 * ```ts
 * import type * as digits from "./digits.js";
 *
 * const module = datasetModule<typeof digits>(new URL("./digits.js", import.meta.url));
 * const iterator = await MultithreadIterator.open(module.dataset("trainingDigits", 28), 100, { nThreads: 2 });
 * ```
 *
 * Examples, their order and snapshots are those of a {@link SerialIterator}, whatever the number of threads. In a thread,
 * the framework's random numbers are seeded for each example, from `seed` and how many examples the iterator has given out
 * before: random augmentation is the same with any number of threads, and after a resume. The order comes from the
 * generator of the program, and is chosen when a sweep ends, not earlier; so nothing of a sweep that is shuffled is loaded
 * before the last one is over.
 *
 * Arrays in examples are on the program's default device, whatever they were in the thread. `next()` waits, if it has to,
 * without giving the event loop a turn. Threads do not keep a program alive; `finalize()`, which trainers call, ends them.
 */
export class MultithreadIterator<E> extends SerialIterator<E> {
  private readonly queue: PrefetchQueue<E>;

  private constructor(
    private readonly loader: ExampleLoader<E>,
    batchSize: number,
    private seed: number,
    private readonly nPrefetch: number,
    options: SerialIteratorOptions,
  ) {
    super(new WorkerDataset(loader, seed), batchSize, options);
    this.queue = new PrefetchQueue(loader);
  }

  /**
   * Starts the threads, and resolves when each of them has made the data set.
   *
   * @param recipe - how a thread makes the data set; what it draws at random then follows from `seed`, so that all make
   *   the same
   * @throws WorkerError if a thread cannot make the data set, ValueError for options that make no sense
   */
  static async open<E>(
    recipe: DatasetRecipe<E>,
    batchSize: number,
    options: MultithreadIteratorOptions = {},
  ): Promise<MultithreadIterator<E>> {
    const { datasetTimeout = 30, nPrefetch = 1, nThreads = 1, seed = random.getState().seed } = options;
    if (!Number.isInteger(nThreads) || nThreads < 1) {
      throw new ValueError(`nThreads is a positive number of threads, got ${nThreads}`);
    }
    if (!Number.isInteger(nPrefetch) || nPrefetch < 0) {
      throw new ValueError(`nPrefetch is a number of minibatches, 0 or more, got ${nPrefetch}`);
    }
    if (datasetTimeout !== null && !(datasetTimeout > 0)) {
      throw new ValueError(`datasetTimeout is a number of seconds, or null, got ${datasetTimeout}`);
    }
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new ValueError(`a seed is a whole number from 0 to 2^53 - 1, got ${seed}`);
    }
    const loader = await ExampleLoader.start(recipe, { workers: nThreads, timeout: datasetTimeout, seed });
    try {
      return new MultithreadIterator(loader, batchSize, seed, nPrefetch, options);
    } catch (error) {
      loader.close();
      throw error;
    }
  }

  override next(): E[] {
    const { batchSize, loader, nPrefetch, ordinal, queue, seed } = this;
    const chunks = queue.take(this.nextIndices(), ordinal, seed);
    for (let skipped = 0; skipped < nPrefetch * batchSize; skipped += batchSize) {
      queue.extend(this.settledIndices(skipped, batchSize), this.ordinal + skipped, seed);
    }
    return loader.collect(chunks);
  }

  /** An iterator over the same data set in the same threads. */
  override sweep(): MultithreadIterator<E> {
    if (!this.repeat) {
      this.reset();
      return this;
    }
    const { batchSize, loader, nPrefetch, seed } = this;
    return new MultithreadIterator(loader, batchSize, seed, nPrefetch, { repeat: false, ...this.sweepOrder() });
  }

  override finalize(): void {
    this.loader.close();
  }

  override serialize(serializer: AbstractSerializer): void {
    super.serialize(serializer);
    this.seed = serializeOptional(serializer, "seed", this.seed, this.seed);
  }
}
