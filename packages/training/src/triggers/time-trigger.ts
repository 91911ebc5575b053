import { ValueError } from "@chain/array";
import type { AbstractSerializer } from "@chain/links/serializers";
import type { Trigger, TriggerContext } from "./trigger.js";

/** Fires every `period` seconds of training time, at the first iteration after each. */
export class TimeTrigger implements Trigger {
  private nextTime: number;

  constructor(readonly period: number) {
    if (!(period > 0)) throw new ValueError(`the period of a trigger is a positive number of seconds, got ${period}`);
    this.nextTime = period;
  }

  call(trainer: TriggerContext): boolean {
    if (this.nextTime >= trainer.elapsedTime) return false;
    this.nextTime += this.period;
    return true;
  }

  serialize(serializer: AbstractSerializer): void {
    this.nextTime = serializer.value("next_time", this.nextTime);
  }
}
