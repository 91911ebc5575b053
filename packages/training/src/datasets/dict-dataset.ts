import type { NdArray } from "@chain/array";
import type { ConvertOptions } from "../dataset/converter.js";
import { DatasetMixin } from "../dataset/dataset.js";
import {
  columnsOf,
  type Column,
  type ColumnExample,
  type ColumnSource,
  type GatheringDataset,
} from "../dataset/gather.js";

/**
 * Data sets of equal length under names: its examples are dictionaries with the same keys.
 *
 * @throws ValueError if lengths differ.
 */
export class DictDataset<C extends Readonly<Record<string, ColumnSource>>>
  extends DatasetMixin<{ -readonly [K in keyof C]: ColumnExample<C[K]> }>
  implements GatheringDataset
{
  override readonly length: number;
  private readonly columns: ReadonlyMap<string, Column>;

  constructor(datasets: C) {
    super();
    const names = Object.keys(datasets);
    const { columns, length } = columnsOf(Object.values(datasets));
    this.length = length;
    this.columns = new Map(columns.map((column, index) => [names[index] as string, column]));
  }

  override getExample(index: number): { -readonly [K in keyof C]: ColumnExample<C[K]> } {
    const entries = Array.from(this.columns, ([key, column]) => [key, column.get(index)]);
    return Object.fromEntries(entries) as { -readonly [K in keyof C]: ColumnExample<C[K]> };
  }

  get canGather(): boolean {
    return [...this.columns.values()].every((column) => column.gather !== null);
  }

  gather(indices: Int32Array, options: ConvertOptions = {}): Record<string, NdArray> {
    const batch: Record<string, NdArray> = {};
    for (const [key, column] of this.columns) {
      if (column.gather !== null) batch[key] = column.gather(indices, options);
    }
    return batch;
  }
}
