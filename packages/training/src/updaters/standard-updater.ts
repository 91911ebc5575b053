import { scope } from "@chain/array";
import type { Variable } from "@chain/autograd";
import type { AbstractSerializer } from "@chain/links/serializers";
import { Optimizer, type LossFunction } from "@chain/optimizers";
import { concatExamples } from "../dataset/concat-examples.js";
import type { Converter } from "../dataset/converter.js";
import { batchArguments, nextBatch } from "../dataset/next-batch.js";
import { DatasetIterator } from "../iterators/dataset-iterator.js";
import { byName, lookUp, type NamedOrMain } from "../named-or-main.js";
import { Updater } from "./updater.js";

/** Options of {@link StandardUpdater}. */
export interface StandardUpdaterOptions<E> {
  /** Makes minibatches out of examples. Default: `concatExamples`. */
  readonly converter?: Converter<E>;
  /** Device for minibatches. */
  readonly device?: string;
  /** Computes the loss from a minibatch. Default: the link that the optimizer was set up with. */
  readonly lossFunc?: (...batch: never[]) => Variable;
  /** Whether the optimizer is told of new epochs. Default: true. */
  readonly autoNewEpoch?: boolean;
}

/**
 * Takes a minibatch, computes the loss and updates the parameters. Everything that is made on the way, the minibatch
 * included, is freed at the end of the update.
 *
 * With several iterators or optimizers, subclasses override {@link StandardUpdater.updateCore}.
 */
export class StandardUpdater<E> extends Updater {
  readonly converter: Converter<E>;
  readonly device: string | undefined;
  readonly lossFunc: ((...batch: never[]) => Variable) | undefined;
  readonly autoNewEpoch: boolean;
  private readonly iterators: ReadonlyMap<string, DatasetIterator<E>>;
  private readonly optimizers: ReadonlyMap<string, Optimizer>;

  constructor(
    iterator: NamedOrMain<DatasetIterator<E>>,
    optimizer: NamedOrMain<Optimizer>,
    options: StandardUpdaterOptions<E> = {},
  ) {
    super();
    this.iterators = byName(iterator, (value) => value instanceof DatasetIterator);
    this.optimizers = byName(optimizer, (value) => value instanceof Optimizer);
    this.converter = options.converter ?? concatExamples;
    this.device = options.device;
    this.lossFunc = options.lossFunc;
    this.autoNewEpoch = options.autoNewEpoch ?? true;
  }

  override get epoch(): number {
    return this.getIterator("main").epoch;
  }

  override get epochDetail(): number {
    return this.getIterator("main").epochDetail;
  }

  override get previousEpochDetail(): number | null {
    return this.getIterator("main").previousEpochDetail;
  }

  override get isNewEpoch(): boolean {
    return this.getIterator("main").isNewEpoch;
  }

  /** The iterator of a name. */
  getIterator(name: string): DatasetIterator<E> {
    return lookUp(this.iterators, name, "iterator");
  }

  override getOptimizer(name: string): Optimizer {
    return lookUp(this.optimizers, name, "optimizer");
  }

  override getAllOptimizers(): ReadonlyMap<string, Optimizer> {
    return this.optimizers;
  }

  override update(): void | Promise<void> {
    const pending = this.updateCore();
    if (pending instanceof Promise) {
      return pending.then(() => {
        this.iteration++;
      });
    }
    this.iteration++;
  }

  /** The update itself. */
  protected updateCore(): void | Promise<void> {
    const iterator = this.getIterator("main");
    const optimizer = this.getOptimizer("main");
    scope(() => {
      const options = this.device === undefined ? {} : { device: this.device };
      const batch = nextBatch(iterator, this.converter, options);
      const lossFunc = this.lossFunc ?? optimizer.target;
      optimizer.update(lossFunc as LossFunction<readonly unknown[]>, ...batchArguments(batch));
    });
    if (this.autoNewEpoch && iterator.isNewEpoch) optimizer.newEpoch({ auto: true });
  }

  override finalize(): void {
    for (const iterator of this.iterators.values()) iterator.finalize();
  }

  override serialize(serializer: AbstractSerializer): void {
    for (const [name, iterator] of this.iterators) iterator.serialize(serializer.child(`iterator:${name}`));
    for (const [name, optimizer] of this.optimizers) {
      // The model first: what a lazily made layer needs to know for the optimizer's state comes with it.
      optimizer.target.serialize(serializer.child(`model:${name}`));
      optimizer.serialize(serializer.child(`optimizer:${name}`));
    }
    this.iteration = serializer.value("iteration", this.iteration);
  }
}
