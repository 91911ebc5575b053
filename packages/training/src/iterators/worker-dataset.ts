import { DatasetMixin } from "../dataset/dataset.js";
import type { ExampleLoader } from "./threads/example-loader.js";

/** A data set in other threads. An example that is asked for by itself is waited for. */
export class WorkerDataset<E> extends DatasetMixin<E> {
  override readonly length: number;

  constructor(
    private readonly loader: ExampleLoader<E>,
    private readonly seed: number,
  ) {
    super();
    this.length = loader.length;
  }

  override getExample(index: number): E {
    const { loader, seed } = this;
    return loader.collect([loader.submit({ indices: Int32Array.of(index), ordinal: index, seed })])[0] as E;
  }
}
