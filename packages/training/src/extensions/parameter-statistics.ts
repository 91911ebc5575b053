import { any, countNonzero, equal, isnan, max, mean, min, NdArray, percentile, scope, std, where } from "@chain/array";
import { DictSummary, report, type Link, type Observed } from "@chain/links";
import type { AbstractSerializer } from "@chain/links/serializers";
import { Extension, PRIORITY_WRITER } from "../extension.js";
import type { Trainer } from "../trainer.js";
import { getTrigger } from "../triggers/get-trigger.js";
import type { Trigger, TriggerLike } from "../triggers/trigger.js";

/** Computes a number, or several, of a 1-d array. */
export type Statistic = (x: NdArray) => NdArray | number;

/** Options of {@link ParameterStatistics}. */
export interface ParameterStatisticsOptions {
  /** What is computed, by name; the class's default statistics when not given. */
  readonly statistics?: Readonly<Record<string, Statistic>>;
  /** Whether parameters are looked at. Default: true. */
  readonly reportParams?: boolean;
  /** Whether gradients are looked at. Default: true. */
  readonly reportGrads?: boolean;
  /** Put in front of all keys. */
  readonly prefix?: string;
  /** When means are reported. Default: every epoch. */
  readonly trigger?: TriggerLike;
  /** Whether all statistics of an array that contains NaN are NaN, whatever they would make of it. Default: false. */
  readonly skipNanParams?: boolean;
}

/** Percentages at -3, -2, -1, 0, 1, 2 and 3 standard deviations of a normal distribution. */
const sigmas = [0.13, 2.28, 15.87, 50, 84.13, 97.72, 99.87];

/**
 * Reports statistics of parameters and gradients, averaged between two firings of its trigger, as
 * `prefix/link/l1/W/data/mean`; several numbers get `/0`, `/1`, … behind.
 */
export class ParameterStatistics extends Extension {
  override readonly priority = PRIORITY_WRITER;

  /** Mean, standard deviation, extremes, number of zeros, and percentiles. */
  static readonly defaultStatistics: Readonly<Record<string, Statistic>> = {
    mean: (x) => mean(x),
    std: (x) => std(x),
    min: (x) => min(x),
    max: (x) => max(x),
    zeros: (x) => countNonzero(equal(x, 0)),
    percentile: (x) => percentile(x, sigmas),
  };

  private readonly links: readonly Link[];
  private readonly statistics: Record<string, Statistic>;
  private readonly emit: Trigger;
  private readonly summary = new DictSummary();

  constructor(
    links: Link | readonly Link[],
    private readonly options: ParameterStatisticsOptions = {},
  ) {
    super();
    this.links = [links].flat();
    this.statistics = { ...(options.statistics ?? ParameterStatistics.defaultStatistics) };
    this.emit = getTrigger(options.trigger === undefined ? [1, "epoch"] : options.trigger);
  }

  override get defaultName(): string {
    return "parameter_statistics";
  }

  /** Adds a statistic. */
  registerStatistics(name: string, statistic: Statistic): void {
    this.statistics[name] = statistic;
  }

  override async call(trainer: Trainer): Promise<void> {
    const { prefix, reportGrads = true, reportParams = true } = this.options;
    scope(() => {
      for (const link of this.links) {
        for (const [path, param] of link.namedParams({ includeUninit: false })) {
          const key = `${prefix === undefined ? "" : `${prefix}/`}${link.name ?? "None"}${path}`;
          if (reportParams) this.add(`${key}/data`, param.array);
          if (reportGrads && param.grad !== null) this.add(`${key}/grad`, param.grad);
        }
      }
    });
    if (!(await this.emit.call(trainer))) return;
    report(await this.summary.computeMean());
    this.summary.dispose();
  }

  override serialize(serializer: AbstractSerializer): void {
    this.emit.serialize?.(serializer.child("_trigger"));
    const summary = serializer.child("_summary");
    // Snapshots of Chainer's lack it.
    if (summary.has("_names")) this.summary.serialize(summary);
  }

  private add(key: string, values: NdArray): void {
    const flat = values.ravel();
    const observed: Record<string, Observed> = {};
    for (const [name, statistic] of Object.entries(this.statistics)) {
      let value = statistic(flat);
      if (this.options.skipNanParams && value instanceof NdArray) value = where(any(isnan(flat)), NaN, value);
      if (typeof value === "number" || value.size === 1) observed[`${key}/${name}`] = value;
      else for (let i = 0; i < value.size; i++) observed[`${key}/${name}/${i}`] = value.ravel().get(i);
    }
    this.summary.add(observed);
  }
}
