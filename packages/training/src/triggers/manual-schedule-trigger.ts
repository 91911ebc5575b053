import { ValueError } from "@chain/array";
import type { AbstractSerializer } from "@chain/links/serializers";
import { serializeOptional } from "../serialize-optional.js";
import { Progress } from "./progress.js";
import type { ProgressUnit, Trigger, TriggerContext } from "./trigger.js";

/** Fires at the given iterations or epochs: at the first iteration at or after each of the `points`. */
export class ManualScheduleTrigger implements Trigger {
  readonly points: readonly number[];
  private readonly progress: Progress;
  private readonly last: number;
  private reached = 0;

  constructor(
    points: number | readonly number[],
    readonly unit: ProgressUnit,
  ) {
    this.points = typeof points === "number" ? [points] : [...points];
    if (this.points.length === 0) throw new ValueError("a schedule needs at least one point");
    this.progress = new Progress(unit);
    this.last = Math.max(...this.points);
  }

  /** Whether the last point lies behind. */
  get finished(): boolean {
    return this.reached >= this.last;
  }

  call(trainer: TriggerContext): boolean {
    const { previous, current } = this.progress.advance(trainer);
    this.reached = current;
    return this.points.some((point) => previous < point && point <= current);
  }

  serialize(serializer: AbstractSerializer): void {
    this.progress.serialize(serializer);
    const finished = serializeOptional(serializer, "finished", this.finished, false);
    if (finished) this.reached = this.last;
  }
}
