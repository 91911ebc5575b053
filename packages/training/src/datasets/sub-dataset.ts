import { IndexError, ValueError } from "@chain/array";
import type { ConvertedBatch, ConvertOptions } from "../dataset/converter.js";
import { DatasetMixin, exampleOf, type DatasetLike } from "../dataset/dataset.js";
import { isGathering, type GatheringDataset } from "../dataset/gather.js";

/** An order of a data set's examples: positions in it. */
export type ExampleOrder = ArrayLike<number>;

/** Options of {@link SubDataset} and of splits. */
export interface SubDatasetOptions {
  /** Order of the data set's examples before it is cut; as they come by default. */
  readonly order?: ExampleOrder;
}

/** The part of a data set from `start` to before `finish`, in an order of its own if one is given. */
export class SubDataset<E> extends DatasetMixin<E> implements GatheringDataset {
  override readonly length: number;
  private readonly order: ExampleOrder | null;

  constructor(
    private readonly dataset: DatasetLike<E>,
    private readonly start: number,
    finish: number,
    options: SubDatasetOptions = {},
  ) {
    super();
    if (!Number.isInteger(start) || !Number.isInteger(finish) || start < 0 || start > finish) {
      throw new ValueError(`a part of a data set goes from start to finish ≥ start, got ${start} to ${finish}`);
    }
    if (finish > dataset.length) {
      throw new ValueError(`a part up to ${finish} does not fit into a data set of ${dataset.length} examples`);
    }
    this.order = options.order ?? null;
    if (this.order !== null && this.order.length !== dataset.length) {
      throw new ValueError(`order has ${this.order.length} positions for a data set of ${dataset.length} examples`);
    }
    this.length = finish - start;
  }

  override getExample(index: number): E {
    return exampleOf(this.dataset, this.positionOf(index));
  }

  get canGather(): boolean {
    return isGathering(this.dataset);
  }

  gather(indices: Int32Array, options: ConvertOptions = {}): ConvertedBatch {
    const { dataset } = this;
    if (!isGathering(dataset)) throw new ValueError("the data set behind this part cannot gather minibatches");
    return dataset.gather(
      indices.map((index) => this.positionOf(index)),
      options,
    );
  }

  private positionOf(index: number): number {
    if (index < 0 || index >= this.length) {
      throw new IndexError(`example ${index} is outside of a data set of ${this.length} examples`);
    }
    const position = this.start + index;
    return this.order === null ? position : (this.order[position] as number);
  }
}
