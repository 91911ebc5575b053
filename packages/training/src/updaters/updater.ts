import type { AbstractSerializer } from "@chain/links/serializers";
import type { Optimizer } from "@chain/optimizers";
import type { Trainer } from "../trainer.js";

/** What a {@link Trainer} repeats: one update of the parameters. */
export abstract class Updater {
  /** Number of updates made. */
  iteration = 0;

  /** Number of completed sweeps over the data set. */
  abstract readonly epoch: number;
  /** Completed sweeps with the fraction of the current one. */
  abstract readonly epochDetail: number;
  /** {@link epochDetail} before the latest update; null before the first. */
  abstract readonly previousEpochDetail: number | null;
  /** Whether the latest update completed a sweep. */
  abstract readonly isNewEpoch: boolean;

  /** Makes one update, and counts it. */
  abstract update(): void | Promise<void>;

  /** The optimizer of a name. */
  abstract getOptimizer(name: string): Optimizer;

  /** All optimizers with their names. */
  abstract getAllOptimizers(): ReadonlyMap<string, Optimizer>;

  /** Called by the trainer that runs it. */
  connectTrainer(_trainer: Trainer): void {}

  /** Gives up what it holds, at the end of the training. */
  finalize(): void {}

  /** Saves or loads models, optimizers, iterators and the number of updates. */
  abstract serialize(serializer: AbstractSerializer): void;
}
