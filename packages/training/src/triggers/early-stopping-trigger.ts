import { ValueError } from "@chain/array";
import type { AbstractSerializer } from "@chain/links/serializers";
import type { Trainer } from "../trainer.js";
import { getTrigger } from "./get-trigger.js";
import type { TrainingLength, Trigger, TriggerLike } from "./trigger.js";
import { ValueMonitor } from "./value-monitor.js";

/** Options of {@link EarlyStoppingTrigger}. */
export interface EarlyStoppingTriggerOptions {
  /** When the value is looked at. Default: every epoch. */
  readonly checkTrigger?: TriggerLike;
  /** Key of the observed value. Default: `"main/loss"`. */
  readonly monitor?: string;
  /** How many looks in a row may bring no improvement. Default: 3. */
  readonly patience?: number;
  /** Whether larger or smaller is better; `"auto"` (the default): larger if the key contains `accuracy`. */
  readonly mode?: "auto" | "max" | "min";
  /** Prints what it sees. Default: false. */
  readonly verbose?: boolean;
  /** When the training stops at the latest. Default: after 100 epochs. */
  readonly maxTrigger?: TriggerLike;
}

/**
 * Fires when an observed value has stopped improving, or when the training has become too long; meant as the stop
 * trigger of a trainer.
 *
 * Both triggers inside are asked at every iteration. (In Chainer, a look that falls together with `maxTrigger` happens
 * one iteration late.)
 */
export class EarlyStoppingTrigger implements Trigger {
  readonly patience: number;
  readonly monitor: string;
  /** Looks in a row that brought no improvement. */
  count = 0;
  /** The best value so far. */
  best: number;
  private readonly verbose: boolean;
  private readonly larger: boolean;
  private readonly interval: Trigger;
  private readonly max: Trigger;
  private readonly value: ValueMonitor;
  private warned = false;

  constructor(options: EarlyStoppingTriggerOptions = {}) {
    const { mode = "auto", monitor = "main/loss", patience = 3 } = options;
    if (!(patience >= 1)) throw new ValueError(`patience is a positive number of looks, got ${patience}`);
    if (!["auto", "max", "min"].includes(mode)) {
      throw new ValueError(`mode is "auto", "max" or "min", got ${JSON.stringify(mode)}`);
    }
    this.monitor = monitor;
    this.patience = patience;
    this.verbose = options.verbose ?? false;
    this.larger = mode === "max" || (mode === "auto" && monitor.includes("accuracy"));
    this.best = this.larger ? -Infinity : Infinity;
    this.interval = getTrigger(options.checkTrigger === undefined ? [1, "epoch"] : options.checkTrigger);
    this.max = getTrigger(options.maxTrigger === undefined ? [100, "epoch"] : options.maxTrigger);
    this.value = new ValueMonitor(monitor);
  }

  observe(trainer: Trainer): void {
    this.value.observe(trainer);
  }

  async call(trainer: Trainer): Promise<boolean> {
    this.observe(trainer);
    const tooLong = await this.max.call(trainer);
    const look = await this.interval.call(trainer);
    return (look && (await this.outOfPatience())) || tooLong;
  }

  getTrainingLength(): TrainingLength | null {
    return this.max.getTrainingLength?.() ?? null;
  }

  serialize(serializer: AbstractSerializer): void {
    this.interval.serialize?.(serializer.child("interval_trigger"));
    this.max.serialize?.(serializer.child("max_trigger"));
    // Snapshots of Chainer's say nothing of this trigger.
    if (!serializer.has("count")) return;
    this.value.serialize(serializer);
    this.count = serializer.value("count", this.count);
    this.best = serializer.value("best", this.best);
  }

  private async outOfPatience(): Promise<boolean> {
    if (!this.value.hasValue) {
      if (!this.warned) console.warn(`early stopping: "${this.monitor}" has not been observed yet`);
      this.warned = true;
      return false;
    }
    const value = await this.value.take();
    if (this.larger ? value > this.best : value < this.best) {
      this.best = value;
      this.count = 0;
    } else {
      this.count++;
    }
    if (this.verbose) {
      console.log(`early stopping: ${this.monitor} ${value}, best ${this.best}, no better for ${this.count} looks`);
    }
    return this.count >= this.patience;
  }
}
