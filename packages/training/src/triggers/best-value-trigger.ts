import type { AbstractSerializer } from "@chain/links/serializers";
import type { Trainer } from "../trainer.js";
import { getTrigger } from "./get-trigger.js";
import type { Trigger, TriggerLike } from "./trigger.js";
import { ValueMonitor } from "./value-monitor.js";

/** Options of {@link BestValueTrigger}, {@link MaxValueTrigger} and {@link MinValueTrigger}. */
export interface BestValueTriggerOptions {
  /** When the value is looked at. Default: every epoch. */
  readonly trigger?: TriggerLike;
}

/**
 * Fires when the mean of an observed value over an interval is better than in all intervals before; the first one always
 * is. A value that is NaN is never better, and nothing is better than a first value that is NaN.
 */
export class BestValueTrigger implements Trigger {
  private readonly interval: Trigger;
  private readonly monitor: ValueMonitor;
  private best: number | null = null;

  /** @param compare whether `value` is better than `best` */
  constructor(
    readonly key: string,
    private readonly compare: (best: number, value: number) => boolean,
    options: BestValueTriggerOptions = {},
  ) {
    this.interval = getTrigger(options.trigger === undefined ? [1, "epoch"] : options.trigger);
    this.monitor = new ValueMonitor(key);
  }

  observe(trainer: Trainer): void {
    this.monitor.observe(trainer);
  }

  async call(trainer: Trainer): Promise<boolean> {
    this.observe(trainer);
    if (!(await this.interval.call(trainer))) return false;
    const value = await this.monitor.take();
    if (this.best !== null && !this.compare(this.best, value)) return false;
    this.best = value;
    return true;
  }

  serialize(serializer: AbstractSerializer): void {
    this.interval.serialize?.(serializer.child("interval_trigger"));
    this.monitor.serialize(serializer);
    this.best = serializer.value<number | null>("best_value", this.best);
  }
}

/** Fires when the mean of an observed value is larger than ever before. */
export class MaxValueTrigger extends BestValueTrigger {
  constructor(key: string, options: BestValueTriggerOptions = {}) {
    super(key, (best, value) => value > best, options);
  }
}

/** Fires when the mean of an observed value is smaller than ever before. */
export class MinValueTrigger extends BestValueTrigger {
  constructor(key: string, options: BestValueTriggerOptions = {}) {
    super(key, (best, value) => value < best, options);
  }
}
