import { ValueError } from "@chain/array";
import type { AbstractSerializer } from "@chain/links/serializers";
import { exampleOf, type DatasetLike } from "../dataset/dataset.js";
import { serializeOptional } from "../serialize-optional.js";
import { DatasetIterator, StopIteration } from "./dataset-iterator.js";
import { ShuffleOrderSampler, type OrderSampler } from "./order-sampler.js";

/** Options of {@link SerialIterator}. */
export interface SerialIteratorOptions {
  /** Whether it starts over at the end of the data set. Default: true. */
  readonly repeat?: boolean;
  /** Whether every sweep has an order of its own. Default: true, without an `orderSampler`. */
  readonly shuffle?: boolean;
  /** Chooses the order of each sweep. */
  readonly orderSampler?: OrderSampler;
}

/**
 * Loads minibatches one after the other, when they are asked for.
 *
 * When it repeats, a minibatch at the end of a sweep is filled with examples of the next one; otherwise the last one may
 * be smaller. Its position, order and the random numbers behind the order are part of snapshots.
 */
export class SerialIterator<E> extends DatasetIterator<E> {
  override readonly repeat: boolean;
  override epoch = 0;
  override isNewEpoch = false;
  /** Position of the next minibatch in the current sweep. */
  currentPosition = 0;
  private readonly sampler: OrderSampler | null;
  private order: Int32Array | null = null;
  // Negative: there was no minibatch yet.
  private previousDetail = -1;

  constructor(
    override readonly dataset: DatasetLike<E>,
    override readonly batchSize: number,
    options: SerialIteratorOptions = {},
  ) {
    super();
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new ValueError(`batchSize is a positive integer, got ${batchSize}`);
    }
    if (options.orderSampler !== undefined && options.shuffle !== undefined) {
      throw new ValueError("shuffle has no meaning beside orderSampler: give one of them");
    }
    this.repeat = options.repeat ?? true;
    this.sampler = options.orderSampler ?? ((options.shuffle ?? true) ? new ShuffleOrderSampler() : null);
    if (this.repeat && dataset.length === 0) throw new ValueError("an empty data set cannot be repeated");
    this.reset();
  }

  override get epochDetail(): number {
    return this.epoch + (this.epochSize === 0 ? 0 : this.currentPosition / this.epochSize);
  }

  override get previousEpochDetail(): number | null {
    return this.previousDetail < 0 ? null : this.previousDetail;
  }

  override next(): E[] {
    const { dataset } = this;
    return Array.from(this.nextIndices(), (index) => exampleOf(dataset, index));
  }

  override nextIndices(): Int32Array {
    const size = this.epochSize;
    if (!this.repeat && (this.epoch > 0 || size === 0)) throw new StopIteration("the iterator is at its end");
    this.previousDetail = this.epochDetail;
    const start = this.currentPosition;
    const length = this.repeat ? this.batchSize : Math.min(this.batchSize, size - start);
    const indices = new Int32Array(length);
    this.isNewEpoch = false;
    let filled = 0;
    let position = start;
    while (filled < length || position === size) {
      if (position === size) {
        this.finishSweep(start);
        position = 0;
        if (filled === length) break;
      }
      const count = Math.min(length - filled, size - position);
      for (let i = 0; i < count; i++) indices[filled + i] = this.indexAt(position + i);
      filled += count;
      position += count;
    }
    this.currentPosition = position;
    return indices;
  }

  override reset(): void {
    this.currentPosition = 0;
    this.epoch = 0;
    this.isNewEpoch = false;
    this.previousDetail = -1;
    const natural = Int32Array.from({ length: this.dataset.length }, (_, index) => index);
    this.order = this.sampler === null ? null : this.checkedOrder(this.sampler.sample(natural, 0));
  }

  override sweep(): SerialIterator<E> {
    if (!this.repeat) {
      this.reset();
      return this;
    }
    return new SerialIterator(this.dataset, this.batchSize, { repeat: false, ...this.sweepOrder() });
  }

  override serialize(serializer: AbstractSerializer): void {
    this.currentPosition = serializer.value("current_position", this.currentPosition);
    this.epoch = serializer.value("epoch", this.epoch);
    this.isNewEpoch = serializer.value("is_new_epoch", this.isNewEpoch);
    if (this.order !== null) this.order = this.checkedOrder(serializer.value("order", this.order));
    const guess = this.epochDetail > 0 ? Math.max(0, this.epochDetail - this.batchSize / this.epochSize) : -1;
    this.previousDetail = serializeOptional(serializer, "previous_epoch_detail", this.previousDetail, guess);
    this.sampler?.serialize?.(serializer.child("order_sampler"));
  }

  /** How many examples were given out since the start. */
  protected get ordinal(): number {
    return this.epoch * this.epochSize + this.currentPosition;
  }

  /**
   * Where the examples are that come after `skip` others: `count` of them, or fewer. Where sweeps have orders of their own
   * there are none beyond the current one.
   */
  protected settledIndices(skip: number, count: number): Int32Array {
    const size = this.epochSize;
    const start = this.currentPosition + skip;
    const isOver = !this.repeat && this.epoch > 0;
    const end = isOver ? 0 : this.repeat && this.order === null ? Infinity : size;
    const length = Math.max(0, Math.min(count, end - start));
    return Int32Array.from({ length }, (_, i) => this.indexAt((start + i) % size));
  }

  /** What decides the order of a single sweep. */
  protected sweepOrder(): Pick<SerialIteratorOptions, "orderSampler" | "shuffle"> {
    // Shuffling would be in vain, and would use up random numbers of the training.
    if (this.sampler === null || this.sampler instanceof ShuffleOrderSampler) return { shuffle: false };
    return { orderSampler: this.sampler };
  }

  private get epochSize(): number {
    return this.order?.length ?? this.dataset.length;
  }

  /** Which example is at a position of the current sweep. */
  private indexAt(position: number): number {
    return this.order?.[position] ?? position;
  }

  private finishSweep(position: number): void {
    this.epoch++;
    this.isNewEpoch = true;
    if (!this.repeat || this.sampler === null || this.order === null) return;
    const next = this.checkedOrder(this.sampler.sample(this.order, position));
    if (next.length !== this.order.length) {
      throw new ValueError(
        `the order sampler gave ${next.length} positions after ${this.order.length}; sizes must not change`,
      );
    }
    this.order = next;
  }

  private checkedOrder(order: Int32Array): Int32Array {
    const { length } = this.dataset;
    for (const index of order) {
      if (index < 0 || index >= length) {
        throw new ValueError(`order contains ${index}, which is outside of a data set of ${length} examples`);
      }
    }
    return order;
  }
}
