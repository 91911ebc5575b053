import { concatenate, free, keep, mean, percentile, scope, stack, std, ValueError, type NdArray } from "@chain/array";
import type { Variable } from "@chain/autograd";
import { writeFileAtomically, type AbstractSerializer } from "@chain/links/serializers";
import { Extension } from "../extension.js";
import { fileSystem } from "../files.js";
import { curvesSvg, panelsSvg, type Curve } from "../format/curves-svg.js";
import { decodeJson, encodeJson } from "../format/json.js";
import type { Trainer } from "../trainer.js";
import { getTrigger } from "../triggers/get-trigger.js";
import type { Trigger, TriggerLike } from "../triggers/trigger.js";

/** Options of {@link VariableStatisticsPlot}. */
export interface VariableStatisticsPlotOptions {
  /** How many looks are kept at most; beyond that, every second one is dropped. Default: 1000. */
  readonly maxSampleSize?: number;
  /** Whether elements are looked at. Default: true. */
  readonly reportData?: boolean;
  /** Whether gradients are looked at. Default: true. */
  readonly reportGrad?: boolean;
  /** Whether means are drawn. Default: true. */
  readonly plotMean?: boolean;
  /** Whether standard deviations are drawn. Default: true. */
  readonly plotStd?: boolean;
  /** Percentiles to draw. Default: those at -3 to 3 standard deviations of a normal distribution, and the extremes. */
  readonly percentileSigmas?: readonly number[];
  /** When the picture is drawn anew. Default: every epoch. */
  readonly trigger?: TriggerLike;
  /** Name of the SVG file in the output folder. Default: `"statistics.svg"`. */
  readonly filename?: string;
  /** What marks the points. Default: nothing. */
  readonly marker?: "x" | "o" | null;
  /** Whether there are lines behind the curves. Default: true. */
  readonly grid?: boolean;
}

type Part = "data" | "grad";

/** Statistics of all targets together at one iteration: mean, standard deviation, percentiles. */
type Sample = { readonly iteration: number } & { readonly [P in Part]?: readonly number[] };

/**
 * Draws how the distribution of some Variables' elements, and of their gradients, moves: mean, standard deviation and
 * percentiles over all of them, looked at whenever the extension is called. Each look waits for the device.
 */
export class VariableStatisticsPlot extends Extension {
  private readonly targets: readonly Variable[];
  private readonly parts: readonly Part[];
  private readonly percentiles: readonly number[];
  private readonly emit: Trigger;
  private readonly filename: string;
  private readonly maxSampleSize: number;
  private samples: Sample[] = [];
  /** Calls between two looks, and since the latest. */
  private stride = 1;
  private skipped = 0;

  /** @param targets Variables: parameters, usually */
  constructor(
    targets: Variable | Iterable<Variable>,
    private readonly options: VariableStatisticsPlotOptions = {},
  ) {
    super();
    this.targets = Symbol.iterator in targets ? [...targets] : [targets];
    const { maxSampleSize = 1000, reportData = true, reportGrad = true } = options;
    this.parts = [...(reportData ? ["data" as const] : []), ...(reportGrad ? ["grad" as const] : [])];
    this.percentiles = options.percentileSigmas ?? [0, 0.13, 2.28, 15.87, 50, 84.13, 97.72, 99.87, 100];
    this.emit = getTrigger(options.trigger === undefined ? [1, "epoch"] : options.trigger);
    this.filename = options.filename ?? "statistics.svg";
    this.maxSampleSize = maxSampleSize;
    if (this.targets.length === 0) throw new ValueError("VariableStatisticsPlot needs at least one Variable");
    if (this.parts.length === 0) throw new ValueError("with neither data nor gradients there is nothing to draw");
    if (!(maxSampleSize >= 2))
      throw new ValueError(`maxSampleSize is a number of looks from 2 on, got ${maxSampleSize}`);
    if (!this.filename.endsWith(".svg")) {
      throw new ValueError(
        `VariableStatisticsPlot draws SVG: call the file something.svg instead of "${this.filename}"`,
      );
    }
  }

  override get defaultName(): string {
    return "VariableStatisticsPlot";
  }

  override async call(trainer: Trainer): Promise<void> {
    if (++this.skipped >= this.stride) {
      this.skipped = 0;
      this.samples.push(await this.look(trainer.updater.iteration));
      if (this.samples.length > this.maxSampleSize) {
        this.samples = this.samples.filter((_, i) => i % 2 === 0);
        this.stride *= 2;
      }
    }
    if (!(await this.emit.call(trainer))) return;
    const { grid = true, marker = null } = this.options;
    const panels = await Promise.all(
      this.parts.map((part) => curvesSvg(this.curves(part), { xLabel: "iteration", grid, marker })),
    );
    const { path } = await fileSystem();
    await writeFileAtomically(path.join(trainer.out, this.filename), panelsSvg(panels));
  }

  override serialize(serializer: AbstractSerializer): void {
    this.emit.serialize?.(serializer.child("_trigger"));
    // Snapshots of Chainer's hold samples in another form.
    if (!serializer.has("_looks")) return;
    this.samples = decodeJson(serializer.value("_looks", encodeJson(this.samples))) as Sample[];
    this.stride = serializer.value("_stride", this.stride);
    this.skipped = serializer.value("_skipped", this.skipped);
  }

  private async look(iteration: number): Promise<Sample> {
    const entries = this.parts.map(async (part) => {
      const arrays = this.targets.flatMap(({ array, grad }) => (part === "data" ? array : (grad ?? [])));
      if (arrays.length === 0) return [];
      const statistics = scope(() => keep(this.statisticsOf(arrays)));
      const numbers = Array.from(await statistics.data());
      free(statistics);
      return [[part, numbers] as const];
    });
    return { iteration, ...Object.fromEntries((await Promise.all(entries)).flat()) };
  }

  private statisticsOf(arrays: readonly NdArray[]): NdArray {
    const all = concatenate(arrays.map((array) => array.ravel()));
    return concatenate([stack([mean(all), std(all)]), percentile(all, this.percentiles)]);
  }

  private curves(part: Part): Curve[] {
    const { plotMean = true, plotStd = true } = this.options;
    const names = ["mean", "std", ...this.percentiles.map((q) => `${q} %`)];
    const wanted = [plotMean, plotStd, ...this.percentiles.map(() => true)];
    const curves = names.map((name, i) => ({
      name: `${part} ${name}`,
      points: this.samples.flatMap((sample) => {
        const value = sample[part]?.[i];
        return value === undefined ? [] : [[sample.iteration, value] as const];
      }),
    }));
    return curves.filter((_, i) => wanted[i]);
  }
}
