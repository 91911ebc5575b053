import { IndexError } from "@chain/array";

/** A sequence of examples, made or loaded when they are asked for. Plain arrays are data sets, too: {@link DatasetLike}. */
export interface Dataset<E> {
  /** Number of examples. */
  readonly length: number;
  /** The example at `index`, from 0 to `length` - 1. */
  getExample(index: number): E;
}

/** What is taken where a data set is wanted. */
export type DatasetLike<E> = Dataset<E> | readonly E[];

/** The examples' type of a data set. */
export type ExampleOf<D> = D extends DatasetLike<infer E> ? E : never;

/** Base of data sets: subclasses implement `length` and `getExample`, and are indexed, sliced and iterated over. */
export abstract class DatasetMixin<E> implements Dataset<E>, Iterable<E> {
  abstract readonly length: number;

  abstract getExample(index: number): E;

  /**
   * The example at `index`; negative ones count from the end.
   *
   * @throws IndexError outside of the data set.
   */
  at(index: number): E {
    return exampleAt(this, index);
  }

  /** The examples from `start` to before `stop`, with the rules of `Array.prototype.slice`. */
  slice(start = 0, stop = this.length): E[] {
    const [from, to] = [start, stop].map((i) => (i < 0 ? Math.max(0, this.length + i) : Math.min(i, this.length)));
    const examples: E[] = [];
    for (let i = from ?? 0; i < (to ?? 0); i++) examples.push(this.getExample(i));
    return examples;
  }

  *[Symbol.iterator](): Generator<E> {
    for (let i = 0; i < this.length; i++) yield this.getExample(i);
  }
}

/** The example of any data set at `index`; negative ones count from the end. */
export function exampleAt<E>(dataset: DatasetLike<E>, index: number): E {
  const { length } = dataset;
  const position = index < 0 ? index + length : index;
  if (!Number.isInteger(position) || position < 0 || position >= length) {
    throw new IndexError(`example ${index} is outside of a data set of ${length} examples`);
  }
  return exampleOf(dataset, position);
}

/** The example at a position that is known to be inside. */
export function exampleOf<E>(dataset: DatasetLike<E>, position: number): E {
  return "getExample" in dataset ? dataset.getExample(position) : (dataset[position] as E);
}
