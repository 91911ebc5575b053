import { ValueError } from "@chain/array";
import type { AbstractSerializer } from "@chain/links/serializers";
import { serializeOptional } from "../serialize-optional.js";
import type { ProgressUnit, TriggerContext } from "./trigger.js";

/** The progress of a training between two looks at it, in epochs or iterations. */
export class Progress {
  // Negative: not known, because an old snapshot did not say.
  private previousIteration = 0;
  private previousEpochDetail = 0;

  constructor(readonly unit: ProgressUnit) {
    if (unit !== "epoch" && unit !== "iteration") {
      throw new ValueError(`the unit of a trigger is "epoch" or "iteration", got ${JSON.stringify(unit)}`);
    }
  }

  /** Where the training was at the previous call, and where it is now. */
  advance({ updater }: TriggerContext): { previous: number; current: number } {
    const { iteration, epochDetail } = updater;
    const step =
      this.unit === "epoch"
        ? {
            previous: this.previousEpochDetail < 0 ? (updater.previousEpochDetail ?? 0) : this.previousEpochDetail,
            current: epochDetail,
          }
        : { previous: this.previousIteration < 0 ? iteration - 1 : this.previousIteration, current: iteration };
    this.previousIteration = iteration;
    this.previousEpochDetail = epochDetail;
    return step;
  }

  serialize(serializer: AbstractSerializer): void {
    this.previousIteration = serializeOptional(serializer, "previous_iteration", this.previousIteration, -1);
    this.previousEpochDetail = serializeOptional(serializer, "previous_epoch_detail", this.previousEpochDetail, -1);
  }
}

/** The largest whole number of `divisor`s in `value`, exactly (Python's `//`); dividing and rounding down is not. */
export function wholePeriods(value: number, divisor: number): number {
  const rest = value % divisor;
  return Math.round((value - rest) / divisor);
}
