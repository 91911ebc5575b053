import { report } from "@chain/links";
import type { AbstractSerializer } from "@chain/links/serializers";
import type { Optimizer } from "@chain/optimizers";
import { SerialIterator } from "../../src/iterators/index.js";
import { Updater } from "../../src/updaters/index.js";

/** How a training without a model goes on. */
export interface Script {
  readonly dataset_size: number;
  readonly batch_size: number;
  readonly iterations: number;
  /** What is reported at each iteration. */
  readonly observations?: Readonly<Record<string, readonly (number | "NaN")[]>>;
}

/** An updater that goes over a data set, reports what the script says, and does nothing else. */
export class ScriptedUpdater extends Updater {
  private readonly iterator: SerialIterator<number>;

  constructor(
    private readonly script: Script,
    private readonly optimizers: Readonly<Record<string, Optimizer>> = {},
    private readonly onUpdate: (iteration: number) => void = () => {},
  ) {
    super();
    const dataset = Array.from({ length: script.dataset_size }, (_, i) => i);
    this.iterator = new SerialIterator(dataset, script.batch_size, { shuffle: false });
  }

  override get epoch(): number {
    return this.iterator.epoch;
  }

  override get epochDetail(): number {
    return this.iterator.epochDetail;
  }

  override get previousEpochDetail(): number | null {
    return this.iterator.previousEpochDetail;
  }

  override get isNewEpoch(): boolean {
    return this.iterator.isNewEpoch;
  }

  override update(): void {
    this.iterator.next();
    this.iteration++;
    this.onUpdate(this.iteration);
    for (const [key, values] of Object.entries(this.script.observations ?? {})) {
      const value = values[this.iteration - 1];
      if (value !== undefined) report({ [key]: Number(value) });
    }
  }

  override getOptimizer(name: string): Optimizer {
    return this.optimizers[name] as Optimizer;
  }

  override getAllOptimizers(): ReadonlyMap<string, Optimizer> {
    return new Map();
  }

  override serialize(serializer: AbstractSerializer): void {
    this.iterator.serialize(serializer.child("iterator:main"));
    this.iteration = serializer.value("iteration", this.iteration);
  }
}
