import { ChainError } from "@chain/array";
import { report, Summary } from "@chain/links";
import type { AbstractSerializer } from "@chain/links/serializers";
import { Extension, PRIORITY_EDITOR } from "../extension.js";
import type { Trainer } from "../trainer.js";
import { getTrigger } from "../triggers/get-trigger.js";
import type { Trigger, TriggerLike } from "../triggers/trigger.js";

/** Options of {@link MicroAverage}. */
export interface MicroAverageOptions {
  /** When the average is reported. Default: every epoch. */
  readonly trigger?: TriggerLike;
}

/**
 * Sums two observed values, and reports the quotient of the sums: the accuracy over an epoch of batches of different
 * sizes, say.
 */
export class MicroAverage extends Extension {
  override readonly priority = PRIORITY_EDITOR;
  private readonly emit: Trigger;
  // Sums stay on the device until they are reported.
  private readonly numerator = new Summary();
  private readonly denominator = new Summary();

  constructor(
    readonly numeratorKey: string,
    readonly denominatorKey: string,
    readonly resultKey: string,
    options: MicroAverageOptions = {},
  ) {
    super();
    this.emit = getTrigger(options.trigger === undefined ? [1, "epoch"] : options.trigger);
  }

  override get defaultName(): string {
    return "MicroAverage";
  }

  override async call(trainer: Trainer): Promise<void> {
    add(this.numerator, trainer, this.numeratorKey);
    add(this.denominator, trainer, this.denominatorKey);
    if (!(await this.emit.call(trainer))) return;
    // Both sums have the same number of terms, so the quotient of the means is that of the sums.
    report({ [this.resultKey]: (await this.numerator.computeMean()) / (await this.denominator.computeMean()) });
    this.numerator.dispose();
    this.denominator.dispose();
  }

  override serialize(serializer: AbstractSerializer): void {
    this.emit.serialize?.(serializer.child("_trigger"));
    const [numerator, denominator] = [serializer.child("_numerator"), serializer.child("_denominator")];
    // Snapshots of Chainer's have the sums without their parts.
    if (!numerator.has("_x")) return;
    this.numerator.serialize(numerator);
    this.denominator.serialize(denominator);
  }
}

function add(summary: Summary, { observation }: Trainer, key: string): void {
  const value = observation[key];
  if (value === undefined) throw new ChainError(`MicroAverage: "${key}" has not been observed in this iteration`);
  summary.add(value);
}
