import { NdArray, ValueError } from "@chain/array";
import type { ConvertedBatch, ConvertOptions } from "../dataset/converter.js";
import { DatasetMixin, type Dataset } from "../dataset/dataset.js";
import type { GatheringDataset } from "../dataset/gather.js";

/** A data set that gives whole minibatches of type `B`. */
export interface BatchSource<B extends ConvertedBatch> extends Dataset<unknown>, GatheringDataset {
  gather(indices: Int32Array, options?: ConvertOptions): B;
}

/** The example that a minibatch of type `B` consists of: arrays without the first axis. */
export type BatchExample<B extends ConvertedBatch> = B extends NdArray
  ? NdArray
  : { -readonly [K in keyof B]: NdArray };

/**
 * A data set whose minibatches are what `transformBatch` makes of another's, each time they are asked for: as
 * `TransformDataset`, for many examples at once (Chainer's `TabularDataset.transform_batch`).
 *
 * ```ts
 * const augment = transforms.compose(transforms.randomCrop(32, { pad: 4 }), transforms.randomFlip());
 * const train = new TransformBatchDataset(images, ([x, t]) => [augment(x), t] as const);
 * ```
 *
 * @throws ValueError if the data set cannot give whole minibatches: those made of arrays can.
 */
export class TransformBatchDataset<B extends ConvertedBatch, R extends ConvertedBatch>
  extends DatasetMixin<BatchExample<R>>
  implements BatchSource<R>
{
  readonly canGather = true;

  constructor(
    private readonly dataset: BatchSource<B>,
    private readonly transformBatch: (batch: B) => R,
  ) {
    super();
    if (!dataset.canGather) {
      throw new ValueError("the data set cannot give whole minibatches: use TransformDataset, or columns of arrays");
    }
  }

  override get length(): number {
    return this.dataset.length;
  }

  gather(indices: Int32Array, options: ConvertOptions = {}): R {
    return this.transformBatch(this.dataset.gather(indices, options));
  }

  /** The example at `index`, as a minibatch of it alone. */
  override getExample(index: number): BatchExample<R> {
    const batch: ConvertedBatch = this.gather(Int32Array.of(index));
    if (batch instanceof NdArray) return batch.get(0) as BatchExample<R>;
    if (Array.isArray(batch)) return (batch as readonly NdArray[]).map((item) => item.get(0)) as BatchExample<R>;
    return Object.fromEntries(
      Object.entries(batch as Readonly<Record<string, NdArray>>).map(([key, item]) => [key, item.get(0)]),
    ) as BatchExample<R>;
  }
}
