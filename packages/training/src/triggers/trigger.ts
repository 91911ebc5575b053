import type { Observation } from "@chain/links";
import type { AbstractSerializer } from "@chain/links/serializers";
import type { Trainer } from "../trainer.js";

/** Unit of training progress: one update, or one sweep over the data set. */
export type ProgressUnit = "epoch" | "iteration";

/** How long a training is: a number of epochs or iterations. */
export type TrainingLength = readonly [period: number, unit: ProgressUnit];

/** What triggers look at: the part of a {@link Trainer} that says how far the training is. */
export interface TriggerContext {
  readonly updater: {
    /** Number of updates made. */
    readonly iteration: number;
    /** Number of sweeps over the data set, with the fraction of the current one. */
    readonly epochDetail: number;
    /** The same before the latest update; null before the first. */
    readonly previousEpochDetail: number | null;
  };
  /** Values reported in the current iteration. */
  readonly observation: Observation;
  /** Seconds since the training began. */
  readonly elapsedTime: number;
}

/** Decides when something happens in a training: when an extension is invoked, when the training stops. */
export interface Trigger {
  /** Whether it fires now. Asked once after every iteration; asking changes its state. */
  call(trainer: Trainer): boolean | Promise<boolean>;
  /**
   * Takes note of the current iteration's observation, once, before snapshots are taken, so that they hold it.
   * {@link call} does it when nobody else has.
   */
  observe?(trainer: Trainer): void;
  /** Whether it will never fire again. */
  readonly finished?: boolean;
  /** Where it stops a training that nothing else stops; null if that is not known. */
  getTrainingLength?(): TrainingLength | null;
  /** Saves or loads what it needs to go on as if it had not been interrupted. */
  serialize?(serializer: AbstractSerializer): void;
}

/** What is taken where a trigger is wanted: a trigger, `[n, "epoch"]`, `[n, "iteration"]`, a function, or null for never. */
export type TriggerLike = Trigger | TrainingLength | ((trainer: Trainer) => boolean | Promise<boolean>) | null;
