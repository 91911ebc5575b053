import { add, multiply, scope, ValueError, type NdArray } from "@chain/array";
import { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import {
  getCurrentReporter,
  releaseObservation,
  report,
  reportScope,
  type Observation,
  type Observed,
} from "@chain/links";
import type { AbstractSerializer } from "@chain/links/serializers";
import type { LossFunction, Optimizer } from "@chain/optimizers";
import { serializeRecurrentState } from "../carried-state.js";
import type { ConvertOptions } from "../dataset/converter.js";
import { batchArguments, nextBatch } from "../dataset/next-batch.js";
import { nextWindow } from "../dataset/next-window.js";
import type { DatasetIterator } from "../iterators/dataset-iterator.js";
import type { NamedOrMain } from "../named-or-main.js";
import { serializeOptional } from "../serialize-optional.js";
import { StandardUpdater, type StandardUpdaterOptions } from "./standard-updater.js";

/** Options of {@link BPTTUpdater}. */
export interface BPTTUpdaterOptions<E> extends StandardUpdaterOptions<E> {
  /**
   * Whether the loss function is run once for the whole window, not at every step: the arrays it gets have one more first
   * axis, of length `bpropLen`, and what it returns is the loss of all steps. What does not depend on the state, an
   * embedding or an output layer, can then be computed for all steps at once. Default: false.
   */
  readonly wholeWindow?: boolean;
}

/**
 * Truncated backpropagation through time, for networks that carry state from one minibatch to the next: the losses of
 * `bpropLen` minibatches are summed, gradients go back through all of them and no further, and the parameters are
 * updated once. The state goes on (Chainer's `BPTTUpdater` of its language models).
 *
 * Everything made in the window is freed at its end, but for the state that the links hold in their fields; how long a
 * training is makes no difference to the memory it takes. What links report is averaged over the window. Snapshots hold
 * the state of links that have a method `resetState`.
 */
export class BPTTUpdater<E> extends StandardUpdater<E> {
  readonly wholeWindow: boolean;
  /** `epoch` and `epochDetail` before the latest window; null before the first. */
  private before: number | null = null;

  constructor(
    iterator: NamedOrMain<DatasetIterator<E>>,
    optimizer: NamedOrMain<Optimizer>,
    readonly bpropLen: number,
    options: BPTTUpdaterOptions<E> = {},
  ) {
    super(iterator, optimizer, options);
    if (!Number.isInteger(bpropLen) || bpropLen < 1) {
      throw new ValueError(`bpropLen is a positive whole number of steps, got ${bpropLen}`);
    }
    this.wholeWindow = options.wholeWindow ?? false;
  }

  override get previousEpochDetail(): number | null {
    return this.before;
  }

  override get isNewEpoch(): boolean {
    return this.before !== null && Math.floor(this.before) < this.epoch;
  }

  protected override updateCore(): void {
    const iterator = this.getIterator("main");
    const optimizer = this.getOptimizer("main");
    this.before = iterator.epochDetail;
    const lossFunc = (this.lossFunc ?? optimizer.target) as LossFunction<readonly unknown[]>;
    const loss = (...batch: readonly unknown[]): Variable =>
      typeof lossFunc === "function" ? lossFunc(...batch) : lossFunc.forward(...batch);
    scope(() => {
      // The optimizer's step ends with cutting the graph behind the state, as `unchainBackward` would.
      if (this.wholeWindow) {
        const [window] = nextWindow(iterator, this.converter, this.convertOptions, this.bpropLen);
        optimizer.update(loss, ...batchArguments(window));
      } else {
        const step = (): Variable => loss(...batchArguments(nextBatch(iterator, this.converter, this.convertOptions)));
        optimizer.update(() => this.sumLosses(step));
      }
    });
    if (this.autoNewEpoch && this.isNewEpoch) optimizer.newEpoch({ auto: true });
  }

  override serialize(serializer: AbstractSerializer): void {
    super.serialize(serializer);
    const before = serializeOptional(serializer, "previous_epoch_detail", this.before ?? -1, -1);
    if (!serializer.checking) this.before = before < 0 ? null : before;
    for (const [name, optimizer] of this.getAllOptimizers()) {
      serializeRecurrentState(serializer.child(`state:${name}`), optimizer.target);
    }
  }

  private get convertOptions(): ConvertOptions {
    return this.device === undefined ? {} : { device: this.device };
  }

  /** The losses of all steps together; what is reported on the way is averaged. */
  private sumLosses(step: () => Variable): Variable {
    const losses: Variable[] = [];
    const means = new MeanObservation(this.bpropLen);
    for (let i = 0; i < this.bpropLen; i++) means.observe(() => losses.push(step()));
    means.report();
    return losses.length === 1 ? (losses[0] as Variable) : F.sum(F.stack(losses));
  }
}

/** Averages what is reported in a number of steps. */
class MeanObservation {
  private readonly sums = new Map<string, NdArray | number>();

  constructor(private readonly steps: number) {}

  observe(step: () => void): void {
    if (getCurrentReporter() === null) {
      step();
      return;
    }
    const observation: Observation = {};
    reportScope(observation, step);
    for (const [key, value] of Object.entries(observation)) this.sums.set(key, plus(this.sums.get(key) ?? 0, value));
    releaseObservation(observation);
  }

  report(): void {
    const { steps, sums } = this;
    report(
      Object.fromEntries(
        Array.from(sums, ([key, sum]) => [key, typeof sum === "number" ? sum / steps : multiply(sum, 1 / steps)]),
      ),
    );
  }
}

function plus(sum: NdArray | number, value: Observed): NdArray | number {
  const data = value instanceof Variable ? value.array : value;
  if (typeof data === "number") return typeof sum === "number" ? sum + data : add(sum, data);
  return add(data, sum);
}
