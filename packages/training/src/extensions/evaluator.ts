import { scope, ValueError } from "@chain/array";
import { noBackpropMode, usingConfig } from "@chain/autograd";
import { DictSummary, Link, releaseObservation, report, Reporter, reportScope, type Observation } from "@chain/links";
import { CarriedState } from "../carried-state.js";
import { concatExamples } from "../dataset/concat-examples.js";
import type { ConvertedBatch, Converter } from "../dataset/converter.js";
import { batchArguments, nextBatch } from "../dataset/next-batch.js";
import { nextWindow } from "../dataset/next-window.js";
import { Breather } from "../event-loop.js";
import { Extension, PRIORITY_WRITER } from "../extension.js";
import { DatasetIterator, StopIteration } from "../iterators/dataset-iterator.js";
import { byName, lookUp, type NamedOrMain } from "../named-or-main.js";
import { standardOutput, type OutputStream } from "../output-stream.js";
import type { Trainer } from "../trainer.js";
import type { TriggerLike } from "../triggers/trigger.js";
import { EvaluationBar } from "./evaluation-bar.js";

/** Options of {@link Evaluator}. */
export interface EvaluatorOptions<E> {
  /** Makes minibatches out of examples. Default: `concatExamples`. */
  readonly converter?: Converter<E>;
  /** Device for minibatches. */
  readonly device?: string;
  /** Called before each evaluation: to reset the state of a recurrent network, say. */
  readonly evalHook?: (evaluator: Evaluator<E>) => void;
  /** Evaluates a minibatch, and reports what is to be averaged. Default: the target link. */
  readonly evalFunc?: (...batch: never[]) => unknown;
  /**
   * Evaluates so many minibatches at once, stacked along a new first axis: the steps of a recurrent network, as with
   * `wholeWindow` of `BPTTUpdater`. At the end there may be fewer, which count for as many. Default: one, as it is.
   */
  readonly windowLength?: number;
  /** Whether it shows on a terminal how far it is. Default: false. */
  readonly progressBar?: boolean;
  /** Where that is shown. Default: standard output. */
  readonly out?: OutputStream;
  /** Its name, which is put in front of what it reports. Default: the name in the trainer, `validation`. */
  readonly name?: string;
}

/**
 * Runs a model over a data set, in test mode and without recording graphs, and reports the means of what it reports on
 * the way: `validation/main/loss`. Every minibatch counts the same, also a smaller last one.
 *
 * An iterator that does not repeat is used as it is, from its start; of one that repeats, a copy makes a single sweep in
 * the data set's order. Sums stay on the device until the end. State in the links' fields goes on from one minibatch to
 * the next; a recurrent network is evaluated as a copy, `model.copy()`, which has state of its own, with an `evalHook`
 * that resets it.
 */
export class Evaluator<E> extends Extension {
  override readonly trigger: TriggerLike = [1, "epoch"];
  override readonly priority = PRIORITY_WRITER;
  readonly converter: Converter<E>;
  readonly device: string | undefined;
  readonly evalHook: ((evaluator: Evaluator<E>) => void) | undefined;
  readonly evalFunc: ((...batch: never[]) => unknown) | undefined;
  readonly windowLength: number | undefined;
  private readonly iterators: ReadonlyMap<string, DatasetIterator<E>>;
  private readonly targets: ReadonlyMap<string, Link>;
  private readonly state = new CarriedState();
  private readonly barOutput: OutputStream | null;

  constructor(iterator: NamedOrMain<DatasetIterator<E>>, target: NamedOrMain<Link>, options: EvaluatorOptions<E> = {}) {
    super();
    this.iterators = byName(iterator, (value) => value instanceof DatasetIterator);
    this.targets = byName(target, (value) => value instanceof Link);
    this.converter = options.converter ?? concatExamples;
    this.device = options.device;
    this.evalHook = options.evalHook;
    this.evalFunc = options.evalFunc;
    this.windowLength = options.windowLength;
    if (this.windowLength !== undefined && !(Number.isInteger(this.windowLength) && this.windowLength >= 1)) {
      throw new ValueError(`windowLength is a positive whole number of minibatches, got ${this.windowLength}`);
    }
    this.name = options.name ?? null;
    this.barOutput = options.progressBar ? (options.out ?? standardOutput()) : null;
  }

  override get defaultName(): string {
    return "validation";
  }

  /** The iterator of a name. */
  getIterator(name: string): DatasetIterator<E> {
    return lookUp(this.iterators, name, "iterator");
  }

  /** All iterators by name. */
  getAllIterators(): ReadonlyMap<string, DatasetIterator<E>> {
    return this.iterators;
  }

  /** The link of a name. */
  getTarget(name: string): Link {
    return lookUp(this.targets, name, "target");
  }

  /** All links by name. */
  getAllTargets(): ReadonlyMap<string, Link> {
    return this.targets;
  }

  /** Evaluates, reports the means and returns them. Works without a trainer, too. */
  override async call(_trainer?: Trainer): Promise<Record<string, number>> {
    const reporter = new Reporter();
    const prefix = this.name === null ? "" : `${this.name}/`;
    for (const [name, target] of this.targets) {
      reporter.addObserver(prefix + name, target);
      reporter.addObservers(prefix + name, target.namedLinks({ skipself: true }));
    }
    const means = await reporter.scope({}, () => usingConfig("train", false, () => this.evaluate()));
    report(means);
    return means;
  }

  /** The evaluation itself: returns means by name. Subclasses may do it otherwise. */
  async evaluate(): Promise<Record<string, number>> {
    const iterator = this.getIterator("main").sweep();
    const target = this.targets.get("main");
    const evaluate = this.evalFunc ?? ((...batch: never[]) => target?.forward(...batch));
    this.evalHook?.(this);
    const summary = new DictSummary();
    const breather = new Breather();
    const bar = this.barOutput === null ? null : new EvaluationBar(this.name ?? this.defaultName, this.barOutput);
    const step = (): boolean =>
      scope(() => {
        const next = this.next(iterator);
        if (next === null) return false;
        const [batch, weight] = next;
        const observation: Observation = {};
        reportScope(observation, () => noBackpropMode(() => evaluate(...(batchArguments(batch) as never[]))));
        summary.add(Object.fromEntries(Object.entries(observation).map(([key, value]) => [key, [value, weight]])));
        releaseObservation(observation);
        this.state.carry(this.targets.values());
        return true;
      });
    try {
      bar?.draw(iterator);
      while (step()) {
        bar?.advance();
        if (!breather.due) continue;
        bar?.draw(iterator);
        await breather.pause();
      }
    } finally {
      bar?.clear();
    }
    const means = await summary.computeMean();
    summary.dispose();
    return means;
  }

  override finalize(): void {
    for (const iterator of this.iterators.values()) iterator.finalize();
  }

  /** The next minibatch, or window of several, and how much it counts; null at the end. */
  private next(iterator: DatasetIterator<E>): readonly [batch: ConvertedBatch, weight: number] | null {
    const { converter, windowLength } = this;
    const options = this.device === undefined ? {} : { device: this.device };
    try {
      if (windowLength !== undefined) return nextWindow(iterator, converter, options, windowLength);
      return [nextBatch(iterator, converter, options), 1];
    } catch (error) {
      if (error instanceof StopIteration) return null;
      throw error;
    }
  }
}
