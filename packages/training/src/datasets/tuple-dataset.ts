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
 * Data sets of equal length side by side: its examples are lists of one example each. Columns are data sets, lists,
 * typed arrays, and arrays whose first axis counts the examples.
 *
 * @throws ValueError if lengths differ.
 */
export class TupleDataset<C extends readonly ColumnSource[]>
  extends DatasetMixin<{ -readonly [K in keyof C]: ColumnExample<C[K]> }>
  implements GatheringDataset
{
  override readonly length: number;
  private readonly columns: readonly Column[];

  constructor(...datasets: C) {
    super();
    ({ columns: this.columns, length: this.length } = columnsOf(datasets));
  }

  override getExample(index: number): { -readonly [K in keyof C]: ColumnExample<C[K]> } {
    return this.columns.map((column) => column.get(index)) as { -readonly [K in keyof C]: ColumnExample<C[K]> };
  }

  get canGather(): boolean {
    return this.columns.every((column) => column.gather !== null);
  }

  gather(indices: Int32Array, options: ConvertOptions = {}): NdArray[] {
    return this.columns.flatMap((column) => column.gather?.(indices, options) ?? []);
  }
}
