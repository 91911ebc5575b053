import { DatasetMixin, exampleOf, type DatasetLike } from "../dataset/dataset.js";

/** A data set whose examples are what `transform` makes of another's, each time they are asked for. */
export class TransformDataset<E, R> extends DatasetMixin<R> {
  constructor(
    private readonly dataset: DatasetLike<E>,
    private readonly transform: (example: E) => R,
  ) {
    super();
  }

  override get length(): number {
    return this.dataset.length;
  }

  override getExample(index: number): R {
    return this.transform(exampleOf(this.dataset, index));
  }
}
