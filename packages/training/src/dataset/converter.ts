import type { NdArray } from "@chain/array";

/** Where a converter puts the arrays it makes. */
export interface ConvertOptions {
  /** Device name; the default device (or that of the examples, where they are arrays) when not given. */
  readonly device?: string;
}

/** A minibatch as arrays: one, a list for examples that are lists, a dictionary for examples that are dictionaries. */
export type ConvertedBatch = NdArray | readonly NdArray[] | Readonly<Record<string, NdArray>>;

/** Makes a minibatch out of examples. */
export type Converter<E> = (batch: readonly E[], options: ConvertOptions) => ConvertedBatch;
