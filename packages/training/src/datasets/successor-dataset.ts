import type { NdArray } from "@chain/array";
import type { ConvertOptions } from "../dataset/converter.js";
import { DatasetMixin } from "../dataset/dataset.js";
import {
  columnOf,
  type Column,
  type ColumnExample,
  type ColumnSource,
  type GatheringDataset,
} from "../dataset/gather.js";

/**
 * The elements of a sequence, each with the one that follows: what a language model reads, and what it is to predict.
 * The first element follows the last.
 */
export class SuccessorDataset<C extends ColumnSource>
  extends DatasetMixin<[current: ColumnExample<C>, next: ColumnExample<C>]>
  implements GatheringDataset
{
  override readonly length: number;
  private readonly column: Column;

  constructor(sequence: C) {
    super();
    this.column = columnOf(sequence);
    this.length = this.column.length;
  }

  override getExample(index: number): [current: ColumnExample<C>, next: ColumnExample<C>] {
    return [this.column.get(index), this.column.get(this.successor(index))] as [ColumnExample<C>, ColumnExample<C>];
  }

  get canGather(): boolean {
    return this.column.gather !== null;
  }

  gather(indices: Int32Array, options: ConvertOptions = {}): NdArray[] {
    const { gather } = this.column;
    if (gather === null) return [];
    return [
      gather(indices, options),
      gather(
        indices.map((index) => this.successor(index)),
        options,
      ),
    ];
  }

  private successor(index: number): number {
    return index + 1 === this.length ? 0 : index + 1;
  }
}
