import { DatasetMixin, exampleOf, type DatasetLike } from "../dataset/dataset.js";

/** Data sets one after the other. */
export class ConcatenatedDataset<E> extends DatasetMixin<E> {
  override readonly length: number;
  private readonly datasets: readonly DatasetLike<E>[];

  constructor(...datasets: readonly DatasetLike<E>[]) {
    super();
    this.datasets = datasets;
    this.length = datasets.reduce((sum, dataset) => sum + dataset.length, 0);
  }

  override getExample(index: number): E {
    let position = index;
    for (const dataset of this.datasets) {
      if (position < dataset.length) return exampleOf(dataset, position);
      position -= dataset.length;
    }
    throw new RangeError(`example ${index} is outside of the data set`);
  }
}
