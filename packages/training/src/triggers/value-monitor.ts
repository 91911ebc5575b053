import { ChainError } from "@chain/array";
import { DictSummary } from "@chain/links";
import type { AbstractSerializer } from "@chain/links/serializers";
import { serializeOptional } from "../serialize-optional.js";
import type { TriggerContext } from "./trigger.js";

/** The mean of one observed value since the last look at it. */
export class ValueMonitor {
  private readonly summary = new DictSummary();
  /** Number of observations since the last look. */
  private count = 0;
  /** The iteration whose observation has been taken last. */
  private observedAt = -1;

  constructor(readonly key: string) {}

  /** Takes note of the current iteration's value, unless that has been done or there is none. */
  observe({ observation, updater }: TriggerContext): void {
    if (this.observedAt === updater.iteration) return;
    this.observedAt = updater.iteration;
    const value = observation[this.key];
    if (value === undefined) return;
    this.summary.add({ [this.key]: value });
    this.count++;
  }

  /** Whether anything has been observed since the last look. */
  get hasValue(): boolean {
    return this.count > 0;
  }

  /** The mean since the last call. */
  async take(): Promise<number> {
    const mean = (await this.summary.computeMean())[this.key];
    if (mean === undefined) {
      throw new ChainError(`"${this.key}" has not been observed; report it, or make the trigger watch another key`);
    }
    this.summary.dispose();
    this.count = 0;
    return mean;
  }

  serialize(serializer: AbstractSerializer): void {
    this.summary.serialize(serializer.child("summary"));
    this.count = serializeOptional(serializer, "observed", this.count, 0);
    this.observedAt = serializeOptional(serializer, "observed_at", this.observedAt, -1);
  }
}
