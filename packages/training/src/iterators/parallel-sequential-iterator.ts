import { ValueError } from "@chain/array";
import type { AbstractSerializer } from "@chain/links/serializers";
import type { ColumnExample, ColumnSource } from "../dataset/gather.js";
import { SuccessorDataset } from "../datasets/successor-dataset.js";
import { DatasetIterator, StopIteration } from "./dataset-iterator.js";

/** Options of {@link ParallelSequentialIterator}. */
export interface ParallelSequentialIteratorOptions {
  /** Whether it starts over at the end of the data set. Default: true. */
  readonly repeat?: boolean;
}

/**
 * Reads one long sequence, a text for example, at `batchSize` places at once that are equally far apart: the iterator
 * of Chainer's language models. An item of a minibatch is the element at one of the places and the one after it,
 * `[current, next]`; then all places move on by one, so that the same row of successive minibatches is a continuous
 * stretch of the sequence, which is taken for a ring.
 *
 * A sweep is over when as many elements as the sequence has were given, in all rows together. Without `repeat`, the last
 * minibatch is as large as the others.
 */
export class ParallelSequentialIterator<C extends ColumnSource> extends DatasetIterator<
  [current: ColumnExample<C>, next: ColumnExample<C>]
> {
  /** Element and successor at every position of the sequence. */
  override readonly dataset: SuccessorDataset<C>;
  override readonly repeat: boolean;
  /** Number of minibatches so far. */
  iteration = 0;
  /** Where each row begins. */
  private readonly offsets: Int32Array;

  /** @param sequence a list, a typed array, an array whose first axis is the sequence, or a data set */
  constructor(
    private readonly sequence: C,
    override readonly batchSize: number,
    options: ParallelSequentialIteratorOptions = {},
  ) {
    super();
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new ValueError(`batchSize is a positive integer, got ${batchSize}`);
    }
    this.dataset = new SuccessorDataset(sequence);
    const { length } = this.dataset;
    if (length === 0) throw new ValueError("an empty sequence has no minibatches");
    this.repeat = options.repeat ?? true;
    this.offsets = Int32Array.from({ length: batchSize }, (_, row) => Math.floor((row * length) / batchSize));
  }

  override get epoch(): number {
    return Math.floor(this.epochDetail);
  }

  override get isNewEpoch(): boolean {
    const { previousEpochDetail } = this;
    return previousEpochDetail !== null && Math.floor(previousEpochDetail) < this.epoch;
  }

  override get epochDetail(): number {
    return (this.iteration * this.batchSize) / this.dataset.length;
  }

  override get previousEpochDetail(): number | null {
    return this.iteration === 0 ? null : ((this.iteration - 1) * this.batchSize) / this.dataset.length;
  }

  override next(): [current: ColumnExample<C>, next: ColumnExample<C>][] {
    const { dataset } = this;
    return Array.from(this.nextIndices(), (index) => dataset.getExample(index));
  }

  override nextIndices(): Int32Array {
    const { length } = this.dataset;
    if (!this.repeat && this.epochDetail >= 1) throw new StopIteration("the iterator is at its end");
    const step = this.iteration++ % length;
    return this.offsets.map((offset) => (offset + step) % length);
  }

  override reset(): void {
    this.iteration = 0;
  }

  override sweep(): ParallelSequentialIterator<C> {
    if (this.repeat) return new ParallelSequentialIterator(this.sequence, this.batchSize, { repeat: false });
    this.reset();
    return this;
  }

  /** With Chainer's keys; the number of minibatches says everything. */
  override serialize(serializer: AbstractSerializer): void {
    this.iteration = serializer.value("iteration", this.iteration);
    if (serializer.reading) return;
    serializer.value("epoch", this.epoch);
    serializer.value("previous_epoch_detail", this.previousEpochDetail ?? -1);
  }
}
