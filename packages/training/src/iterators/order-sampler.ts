import { Generator, random } from "@chain/array";
import type { AbstractSerializer } from "@chain/links/serializers";
import { serializeGenerator } from "../random-state.js";

/** Chooses the order in which an iterator goes over a data set. */
export interface OrderSampler {
  /**
   * The order of the next sweep: positions in the data set, always as many as in the first sweep.
   *
   * @param order the order of the current sweep; that of the data set before the first
   * @param position where the minibatch began that has come to the end of the current sweep
   */
  sample(order: Int32Array, position: number): Int32Array;
  /** Saves or loads its state. */
  serialize?(serializer: AbstractSerializer): void;
}

/** Options of {@link ShuffleOrderSampler}. */
export interface ShuffleOrderSamplerOptions {
  /** Gives it random numbers of its own; without it, it takes the framework's. */
  readonly seed?: number;
}

/** Every sweep in a random order of its own. */
export class ShuffleOrderSampler implements OrderSampler {
  private readonly own: Generator | null;

  constructor(options: ShuffleOrderSamplerOptions = {}) {
    this.own = options.seed === undefined ? null : new Generator(options.seed);
  }

  sample(order: Int32Array): Int32Array {
    const next = Int32Array.from(order);
    (this.own ?? random.defaultGenerator()).shuffle(next);
    return next;
  }

  serialize(serializer: AbstractSerializer): void {
    if (this.own !== null) serializeGenerator(serializer, this.own);
  }
}
