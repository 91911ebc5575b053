import { ValueError } from "@chain/array";
import type { AbstractSerializer } from "@chain/links/serializers";
import { Progress, wholePeriods } from "./progress.js";
import type { ProgressUnit, TrainingLength, Trigger, TriggerContext } from "./trigger.js";

/**
 * Fires every `period` iterations or epochs. A period in epochs may be a fraction: it fires at the first iteration at or
 * after each multiple.
 */
export class IntervalTrigger implements Trigger {
  private readonly progress: Progress;

  constructor(
    readonly period: number,
    readonly unit: ProgressUnit,
  ) {
    if (!(period > 0)) throw new ValueError(`the period of a trigger is a positive number, got ${period}`);
    this.progress = new Progress(unit);
  }

  call(trainer: TriggerContext): boolean {
    const { previous, current } = this.progress.advance(trainer);
    return wholePeriods(previous, this.period) !== wholePeriods(current, this.period);
  }

  getTrainingLength(): TrainingLength {
    return [this.period, this.unit];
  }

  serialize(serializer: AbstractSerializer): void {
    this.progress.serialize(serializer);
  }
}
